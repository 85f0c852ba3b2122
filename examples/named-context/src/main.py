print(open("/etc/shop/shop.yaml").read())

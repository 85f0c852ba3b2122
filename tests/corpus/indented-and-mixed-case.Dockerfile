  from alpine:3.20
	Run a
  
uSeR nobody
　CMD x

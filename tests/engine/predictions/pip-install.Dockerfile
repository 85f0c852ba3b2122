# pip from wheels of the context.
# root: python
FROM scratch
ADD python.tar /
COPY wheels /wheels
RUN pip install --no-index --find-links /wheels demo
RUN pip uninstall -y demo

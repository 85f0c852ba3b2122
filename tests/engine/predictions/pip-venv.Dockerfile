# root: python
FROM scratch
ADD python.tar /
COPY wheels /wheels
RUN python3 -m venv --without-pip /venv && echo behind > /behind
RUN python3 -m compileall -q /wheels/src && rm -rf /wheels

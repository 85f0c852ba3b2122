# root: python
FROM scratch
ADD python.tar /
COPY wheels /wheels
COPY files/a.txt requirements.txt
RUN pip install --no-cache-dir --no-index --find-links=/wheels --target /opt/lib demo && rm -rf /wheels
RUN pip cache purge || true

# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN dir c:\ `
 && echo x
ENV A=b` c D="e`"f"
COPY a\ C:\b\
RUN <<E\OF
x
EOF

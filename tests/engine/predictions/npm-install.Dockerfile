# npm from a tarball of the context.
# root: node
FROM scratch
ADD node.tar /
WORKDIR /app
COPY package.json demo-1.0.0.tgz ./
RUN npm install --offline --no-audit --no-fund ./demo-1.0.0.tgz
RUN npm cache clean --force && rm -rf node_modules

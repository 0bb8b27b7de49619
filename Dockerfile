# One image for every service. There is no build step: the program runs its TypeScript.
FROM node:24-slim

# The heap limit of `npm start` (docs/operations.md).
ENV NODE_ENV=production DATA_DIR=/data HOST=0.0.0.0 NODE_OPTIONS=--max-old-space-size=1024
WORKDIR /app

COPY package.json package-lock.json ./
# Optional packages are needed: the platform's binaries of argon2, esbuild and PostgreSQL are among them.
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY . .

RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 8000
# Node, not npm, because it must receive the signals.
CMD ["node", "bin/countersign.js", "start"]

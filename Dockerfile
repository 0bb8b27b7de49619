# One image for every service; no build step, the program runs its TypeScript.
FROM node:24-slim

ENV NODE_ENV=production DATA_DIR=/data HOST=0.0.0.0
WORKDIR /app

COPY package.json package-lock.json ./
# Optional packages stay: among them are the platform's own binaries (argon2, esbuild, PostgreSQL).
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY . .

RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 8000
# Node itself, not npm: it must get the signals.
CMD ["node", "bin/countersign.js", "start"]

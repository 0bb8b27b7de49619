export { hashOf, newSecret, sameSecret } from "../domain/core/secrets.ts";

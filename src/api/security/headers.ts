import type { RequestHandler } from "express";
import helmet from "helmet";

const none = ["'none'"];
const self = ["'self'"];

const policy = {
  defaultSrc: none,
  styleSrc: self,
  scriptSrc: self,
  imgSrc: ["'self'", "data:"],
  connectSrc: self,
  formAction: self,
  baseUri: none,
  frameAncestors: none,
};

/** Security headers for every answer. */
export function securityHeaders(publicUrl: () => string): RequestHandler[] {
  const hsts = helmet.strictTransportSecurity();
  return [
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: policy },
      // Not no-referrer: with it, browsers send `Origin: null` with our own forms.
      referrerPolicy: { policy: "same-origin" },
      xFrameOptions: { action: "deny" },
      strictTransportSecurity: false,
    }),
    (request, response, next) => {
      if (!request.path.startsWith("/assets/")) response.set("Cache-Control", "no-store");
      if (publicUrl().startsWith("https:")) return hsts(request, response, next);
      next();
    },
  ];
}

/** Bull Board finds its files through `<base>`; its few inline styles stay blocked, which does no harm. */
export const boardHeaders: RequestHandler = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: { ...policy, baseUri: self },
});

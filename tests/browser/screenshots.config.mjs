import config from "./playwright.config.mjs";

export default { ...config, testMatch: "screenshots.mjs" };

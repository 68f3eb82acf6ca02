import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  // Lighthouse measures, and wants the machine for itself.
  projects: [
    { name: "people", testMatch: "*.spec.mjs", testIgnore: "lighthouse.spec.mjs" },
    { name: "lighthouse", testMatch: "lighthouse.spec.mjs", dependencies: ["people"] },
  ],
  outputDir: "results",
  workers: 2,
  fullyParallel: true,
  // A machine that stands still for a moment fails no whole run; what went well only the second time is named as flaky at the end.
  retries: process.env.CI ? 1 : 0,
  timeout: 30_000,
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    locale: "en-GB",
    viewport: { width: 390, height: 844 },
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});

import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  // Lighthouse runs alone, because it measures.
  projects: [
    { name: "people", testMatch: "*.spec.mjs", testIgnore: "lighthouse.spec.mjs" },
    // The booking journeys with pseudo-random delays of all answers.
    {
      name: "late",
      testMatch: /booking\.spec\.mjs$/,
      use: { late: "seed 1" },
      timeout: 60_000,
    },
    { name: "lighthouse", testMatch: "lighthouse.spec.mjs", dependencies: ["people", "late"] },
  ],
  outputDir: "results",
  workers: 2,
  fullyParallel: true,
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

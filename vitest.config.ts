import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/manual/**'],
    // A test that fails shows the waveform of its designs.
    setupFiles: ['sim/verilog/vitest/setup.ts'],
    pool: 'forks',
    // One process runs many files: Yosys is loaded once in it (1.7 seconds) and a module imported once. A file must leave
    // nothing behind in the process.
    isolate: false,
    // The default leaves one core idle, which is half of a CI machine.
    maxWorkers: availableParallelism(),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})

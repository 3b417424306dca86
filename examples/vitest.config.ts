import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { verilog } from '../sim/verilog/vitest/plugin.ts'

// The examples with the sources beside them; README.md has the configuration of a project that installs gemgate.
const sources = fileURLToPath(new URL('../sim/verilog', import.meta.url))

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [verilog()],
  resolve: { alias: { 'gemgate/sim': `${sources}/index.ts` } },
  test: {
    setupFiles: [`${sources}/vitest/setup.ts`],
    coverage: { provider: 'custom', customProviderModule: `${sources}/vitest/coverage-provider.ts` },
  },
})

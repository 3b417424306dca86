/**
 * Coverage of Verilog beside that of TypeScript in vitest's reports:
 * `coverage: { provider: 'custom', customProviderModule: 'gemgate/sim/coverage' }`. Needs @vitest/coverage-v8.
 */
import v8 from '@vitest/coverage-v8'
import type { CoverageProviderModule } from 'vitest/node'
import { startCoverage, stopCoverage, takeCoverage } from '../coverage/collector.ts'

const provider: CoverageProviderModule = {
  // workers have no use for what makes the report
  getProvider: async () => (await import('./verilog-coverage.ts')).verilogCoverage() as never,
  startCoverage: async (options) => {
    startCoverage()
    await v8.startCoverage?.(options)
  },
  takeCoverage: async (options) => ({
    ...((await v8.takeCoverage?.(options)) as object),
    verilog: takeCoverage().toJSON(),
  }),
  stopCoverage: async (options) => {
    stopCoverage()
    await v8.stopCoverage?.(options)
  },
}

/** A module of vitest's coverage providers; its type is vitest's, which users may lack. */
const opaque: object = provider
// biome-ignore lint/style/noDefaultExport: vitest asks for it
export default opaque

import { V8CoverageProvider } from '@vitest/coverage-v8/dist/provider.js'
import type { ReportContext } from 'vitest/node'
import { Coverage } from '../coverage/coverage-data.ts'
import { istanbulCoverage } from '../coverage/istanbul.ts'

/** The part of Istanbul's CoverageMap used here; its types are not installed with it. */
interface CoverageMap {
  filter(keep: (path: string) => boolean): void
  addFileCoverage(file: unknown): void
}

type AfterSuiteRun = Parameters<V8CoverageProvider['onAfterSuiteRun']>[0]

const isVerilog = (path: string): boolean => /\.s?vh?$/.test(path)

/** vitest's own provider, and what simulations of the test processes covered. */
class VerilogCoverageProvider extends V8CoverageProvider {
  // vitest shows it
  override name = 'v8 and Verilog' as 'v8'
  #verilog = new Coverage()

  /** What the workers hear: they shall load this provider too. */
  override resolveOptions(): ReturnType<V8CoverageProvider['resolveOptions']> {
    return { ...super.resolveOptions(), provider: 'custom' } as never
  }

  override async clean(clean?: boolean): Promise<void> {
    this.#verilog = new Coverage()
    await super.clean(clean)
  }

  override onAfterSuiteRun(meta: AfterSuiteRun): void {
    const { verilog, ...coverage } = (meta.coverage ?? {}) as { verilog?: unknown }
    if (verilog !== undefined) this.#verilog.merge(Coverage.fromJSON(verilog))
    super.onAfterSuiteRun({ ...meta, coverage })
  }

  override async generateCoverage(
    context: ReportContext,
  ): ReturnType<V8CoverageProvider['generateCoverage']> {
    const map = await super.generateCoverage(context)
    const files: CoverageMap = map
    // what vitest knows of these files is the module that stands for them
    files.filter((path) => !isVerilog(path))
    for (const file of Object.values(istanbulCoverage(this.#verilog)))
      if (this.isIncluded(file.path)) files.addFileCoverage(file)
    return map
  }

  override async getUntestedFiles(tested: string[]): Promise<string[]> {
    return (await super.getUntestedFiles(tested)).filter((path) => !isVerilog(path))
  }
}

export function verilogCoverage(): object {
  return new VerilogCoverageProvider()
}

import { parseRtlil } from '../../sim/verilog/compiler/rtlil.ts'
import { fileTree, readSources } from '../../sim/verilog/compiler/sources.ts'
import { synthesize } from '../../sim/verilog/compiler/yosys.ts'
import type { BenchDesign } from './designs.ts'

/** Word-level cells of a flattened design: operators, registers and memories. */
export async function countCells({ name, sources }: BenchDesign): Promise<number> {
  const set = readSources([...sources], [], {})
  const { files, includes, userPath } = set
  const rtlil = await synthesize({
    tree: fileTree(files),
    sources: set.sources,
    includes,
    cells: undefined,
    top: name,
    parameters: {},
    defines: {},
    userPath,
  })
  return parseRtlil(rtlil).cells.filter(({ type }) => type !== '$scopeinfo').length
}

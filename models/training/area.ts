import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.ts'
import { emitClassifier, emitWeights, type IntegerNetwork } from '../../src/network/index.ts'

/** Yosys' synthesis script of each FPGA family. */
const families = {
  'iCE40 (-dsp)': 'synth_ice40 -dsp',
  ECP5: 'synth_ecp5',
  'Xilinx 7-series': 'synth_xilinx -family xc7',
} as const

/** Cells of one kind in a synthesized design. */
export type CellCounts = Readonly<Record<string, number>>

/** Logic of a network's Verilog (hdl/network/mlp.sv with its ROM) by Yosys, not placed: cells per family. */
export async function networkArea(network: IntegerNetwork): Promise<Record<string, CellCounts>> {
  const { runYosys } = await import('@yowasp/yosys')
  const tree = {
    'mlp.sv': readFileSync(join(packageRoot, 'hdl/network/mlp.sv')),
    'recoil_weights.sv': emitWeights(network),
    'recoil_mlp.sv': emitClassifier(network),
  }
  const read = `read_verilog -sv ${Object.keys(tree).join(' ')}`
  const areas: Record<string, CellCounts> = {}
  for (const [family, synthesis] of Object.entries(families)) {
    const script = `${read}; ${synthesis} -top recoil_mlp; tee -q -o area.json stat -json`
    const out = await runYosys(['-q', '-p', script], tree, { stdout: null, stderr: null })
    areas[family] = grouped(JSON.parse(String(out?.['area.json'])).design.num_cells_by_type)
  }
  return areas
}

/** Cell types by what they are: LUTs, flip-flops, carries, multipliers, memories. */
function grouped(cells: CellCounts): CellCounts {
  const kinds: readonly (readonly [string, RegExp])[] = [
    ['LUT', /LUT\d?$|^LUT/],
    ['flip-flop', /^(SB_DFF|TRELLIS_FF|FD[RSCP])/],
    ['multiplier', /MAC16|MULT18|DSP48/],
    ['block RAM', /RAM40|DP16KD|RAMB/],
    ['distributed RAM', /DPR16|^RAM\d+/],
  ]
  const sums: Record<string, number> = {}
  for (const [type, count] of Object.entries(cells)) {
    const kind = kinds.find(([, pattern]) => pattern.test(type))?.[0]
    if (kind !== undefined) sums[kind] = (sums[kind] ?? 0) + count
  }
  return sums
}

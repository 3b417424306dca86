import { GemgateError } from '../core/errors.ts'
import { toolTree } from './tool-run.ts'

/** FPGA families that Yosys maps to, with its command. */
export const families = {
  /** Lattice iCE40: LUT4, 4 kbit RAM, MAC16 on the UltraPlus. */
  ice40: 'synth_ice40 -dsp',
  /** Lattice ECP5: LUT4, 18 kbit RAM, 18x18 multipliers. */
  ecp5: 'synth_ecp5',
  /** AMD 7-series: LUT6, 18/36 kbit RAM, DSP48E1. */
  xc7: 'synth_xilinx -family xc7',
} as const

export type Family = keyof typeof families

/** What a design needs, counted by Yosys after mapping and before placement. */
export interface SynthesisCount {
  readonly luts: number
  readonly ffs: number
  /** Multiplier blocks. */
  readonly dsps: number
  /** Block RAMs of the family's own size; a 36 kbit one of the 7-series counts as 2. */
  readonly brams: number
  /** LUTs used as memory (distributed RAM, shift registers). */
  readonly lutRams: number
  /** Every cell type. */
  readonly cells: Readonly<Record<string, number>>
}

/** Options of `synthesize`. */
export interface SynthesisOptions {
  /** Further options of the synthesis command, for example `-nodsp`. */
  readonly flags?: string
}

/** The version of Yosys, for example `0.55.944`. */
export async function yosysVersion(): Promise<string> {
  return (await import('@yowasp/yosys')).version
}

/**
 * Synthesizes SystemVerilog with Yosys from npm.
 * @param files SystemVerilog texts by name
 * @throws GemgateError GG_VERILOG_PARSE when Yosys refuses them
 */
export async function synthesize(
  files: ReadonlyMap<string, string>,
  top: string,
  family: Family,
  options: SynthesisOptions = {},
): Promise<SynthesisCount> {
  const { runYosys } = await import('@yowasp/yosys')
  const tree = toolTree(files)
  const sources = [...files.keys()].filter((name) => name.endsWith('.sv') || name.endsWith('.v'))
  const script = [
    `read_verilog -sv ${sources.join(' ')}`,
    `${families[family]} ${options.flags ?? ''} -top ${top}`,
    'tee -q -o count.json stat -json',
  ].join('; ')
  const log: string[] = []
  const collect = (bytes: Uint8Array | null): void => {
    if (bytes) log.push(new TextDecoder().decode(bytes))
  }
  let report: unknown
  try {
    const out = await runYosys(['-q', '-p', script], tree, { stdout: collect, stderr: collect })
    report = out?.['count.json']
  } catch {
    report = undefined
  }
  if (report === undefined)
    throw new GemgateError(
      'GG_VERILOG_PARSE',
      `Yosys could not synthesize ${top}: ${log.join('').trim().split('\n').at(-1) ?? 'no message'}`,
      'Check the sources with `verilator --lint-only`.',
    )
  return count(JSON.parse(String(report)).design.num_cells_by_type)
}

function count(cells: Readonly<Record<string, number>>): SynthesisCount {
  const sum = (pattern: RegExp, weight = 1): number =>
    Object.entries(cells).reduce((total, [type, n]) => total + (pattern.test(type) ? n * weight : 0), 0)
  return {
    luts: sum(/^(SB_LUT4|LUT[1-6]|INV|CCU2C)$/) + sum(/^CCU2C$/),
    ffs: sum(/^(SB_DFF\w*|TRELLIS_FF|FD[RSCP]E\w*)$/),
    dsps: sum(/^(SB_MAC16|MULT18X18D|DSP48E1)$/),
    brams: sum(/^(SB_RAM40\w*|DP16KD|PDPW16KD|RAMB18E1)$/) + sum(/^RAMB36E1$/, 2),
    lutRams: sum(/^(TRELLIS_DPR16X4|RAM\d+\w*|SRL\w+)$/),
    cells,
  }
}

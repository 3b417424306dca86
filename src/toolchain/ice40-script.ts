import { registerSchema } from '../board/register-schema.ts'
import type { BoardProfile } from './board-profile.ts'

/** Options of synth_ice40 by device. */
const synthesisOptions: Readonly<Record<string, string>> = {
  up5k: '-device u -dsp',
  hx8k: '-device hx',
}

/** Seeds of the placement, tried in this order until one meets the timing. */
export const placementSeeds = [1, 2, 3, 5, 8] as const

/** How block RAMs are mapped; goes into the source hash. */
export const memoryMap = 'hdl/board/ice40/ram4k_map.v'

/** Files that the script leaves: what nextpnr reads, the same netlist as Verilog, the counts. */
export const synthesisOutputs = { json: 'design.json', netlist: 'netlist.v', counts: 'counts.json' } as const

/**
 * Yosys commands from the sources to the netlist that goes into the bitstream: synth_ice40 as it is, with the step
 * `map_ram` done by hand for the sake of our own memory map.
 */
export function synthesisScript(
  { top, device, parameters }: BoardProfile,
  sources: Iterable<string>,
  build: bigint,
): string {
  const values = {
    BUILD: `64'h${build.toString(16)}`,
    SCHEMA: `32'h${registerSchema.toString(16)}`,
    ...parameters,
  }
  const settings = Object.entries(values).map(([name, value]) => `-set ${name} ${value}`)
  const synthesis = `synth_ice40 ${synthesisOptions[device]} -top ${top}`
  return [
    `read_verilog -sv ${[...sources].join(' ')}`,
    `chparam ${settings.join(' ')} ${top}`,
    `${synthesis} -run begin:map_ram`,
    'memory_libmap -lib +/ice40/brams.txt -lib +/ice40/spram.txt -no-auto-huge',
    `techmap -map ${memoryMap}`,
    'ice40_braminit',
    `${synthesis} -run map_ffram: -json ${synthesisOutputs.json}`,
    `tee -q -o ${synthesisOutputs.counts} stat -json`,
    `write_verilog -noattr ${synthesisOutputs.netlist}`,
  ].join('; ')
}

/** Arguments of nextpnr-ice40. */
export function routeArguments({ device, package: packaged, clock }: BoardProfile, seed: number): string[] {
  const options = ['--freq', `${clock / 1e6}`, '--seed', `${seed}`, '--timing-allow-fail']
  const outputs = ['--asc', 'design.asc', '--report', 'report.json']
  const inputs = ['--json', 'design.json', '--pcf', 'board.pcf']
  return [`--${device}`, '--package', packaged, ...inputs, ...outputs, ...options]
}

import { describeError, GemgateError } from '../../../src/core/errors.ts'
import type { EngineDesign } from '../engine.ts'
import type { Simulation } from '../simulation.ts'
import { type DrawOptions, drawWaveform } from './draw.ts'
import { historyOf } from './history.ts'
import { type Recording, recordingOf } from './recording.ts'
import { type VcdOptions, type VcdSummary, writeVcdFile } from './write-vcd.ts'

/** A simulation, or what a test bench makes of it. */
export type Recorded = Simulation | { readonly simulation: Simulation }

export interface WaveformOptions extends DrawOptions {
  /** Cycles shown, 16 by default; fewer where values need the room. */
  readonly last?: number
  /** The last cycle shown; now by default. */
  readonly until?: number
  /** The variant of the design to look into: `traced()` shows wires, too. By default the one that was simulated. */
  readonly design?: EngineDesign
}

/**
 * The last cycles of a recorded simulation as text: the ports and registers that changed. Shows where the last
 * assertion failed.
 * @throws GemgateError GG_USAGE if it was not recorded, GG_REPLAY if the recording does not lead to its present state
 */
export function waveform(recorded: Recorded, options: WaveformOptions = {}): string {
  const simulation = simulationOf(recorded)
  const { last = 16, until, design } = options
  const history = historyOf(needRecording(simulation), last, until, design)
  if (history.moments.length === 0)
    throw new GemgateError(
      'GG_REPLAY',
      `cycle ${until} of ${simulation.design.top} is not recorded any more`,
      'Give the recording a higher `limit`, or look at later cycles.',
    )
  const failure = simulation.violations.at(-1)
  const event = failure && { cycle: failure.cycle, text: `${failure.kind} ${failure.name} failed` }
  return drawWaveform(simulation.design.top, history, { event, ...options })
}

/** The same for messages that must not fail themselves: without a usable recording it says why. */
export function waveformOrReason(recorded: Recorded, options?: WaveformOptions): string {
  try {
    return waveform(recorded, options)
  } catch (error) {
    return `no waveform: ${describeError(error)}`
  }
}

/**
 * Writes what was recorded as a VCD file, with every named signal of the source. The design is compiled once more for
 * that. Edge k of the main clock is at k times 10 ns; registers, and the inputs for the next edge, change there.
 * @throws GemgateError GG_USAGE if it was not recorded, GG_OUTPUT, GG_REPLAY as `waveform`
 */
export function writeVcd(recorded: Recorded, path: string, options?: VcdOptions): Promise<VcdSummary> {
  return writeVcdFile(needRecording(simulationOf(recorded)), path, options)
}

function simulationOf(recorded: Recorded): Simulation {
  return 'simulation' in recorded ? recorded.simulation : recorded
}

function needRecording(simulation: Simulation): Recording {
  const recording = recordingOf(simulation)
  if (recording) return recording
  throw new GemgateError(
    'GG_USAGE',
    `${simulation.design.top} was not recorded`,
    'Call record(dut) before the first clock cycle, or load gemgate/sim/vitest as a setup file.',
  )
}

import { join } from 'node:path'
import type { Core } from '../../sim/board/emulated-board.ts'
import { ModelCore } from '../../sim/board/model-core.ts'
import { VerilogCore } from '../../sim/board/verilog-core.ts'
import type { Detector } from '../../sim/detector/index.ts'
import { frameRegisters, settingsRegisters } from '../../src/board/settings-registers.ts'
import { differingBytes } from '../../src/compare/agreement.ts'
import { quantile } from '../../src/compare/quantile.ts'
import { statedClockHz } from '../../src/compare/timing.ts'
import { packageRoot } from '../../src/core/package-root.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import type { PhysicsConditions } from './conditions.ts'
import { scenarios } from './scenarios.ts'

/** Times of underground frames, all triggers on. */
export interface Timing {
  readonly frames: number
  /**
   * From the clock in which the last pixel is taken to the one of the last word of the packet, in the simulated Verilog,
   * us at 30 MHz.
   */
  readonly latencyUs: { readonly median: number; readonly worst: number; readonly all: readonly number[] }
  /** Milliseconds per frame, median: the datapath in TypeScript, and the simulated Verilog at one pixel per clock. */
  readonly modelMs: number
  readonly simMs: number
  /** Bytes in which the packets of the two differ. */
  readonly differingBytes: number
}

export async function measureTiming(
  detector: Detector,
  conditions: PhysicsConditions,
  frames: number,
  onFrame: () => void,
): Promise<Timing> {
  const model = new ModelCore((await loadRecoilClassifier()).classify)
  const sim = await VerilogCore.load(join(packageRoot, 'hdl'))
  const latency: number[] = []
  const modelMs: number[] = []
  const simMs: number[] = []
  let differing = 0
  for (let i = 0; i < frames; i++) {
    const { population, first } = scenarios.underground
    const { pixels } = detector.frame(first + i, undefined, population)
    const expected = timed(model, pixels, conditions, i)
    const found = timed(sim, pixels, conditions, i)
    modelMs.push(expected.milliseconds)
    simMs.push(found.milliseconds)
    latency.push((1e6 * sim.clocksAfterLastPixel!) / statedClockHz)
    differing += differingBytes(expected.packet, found.packet)
    onFrame()
  }
  return {
    frames,
    latencyUs: { median: quantile(latency, 0.5)!, worst: Math.max(...latency), all: latency },
    modelMs: quantile(modelMs, 0.5)!,
    simMs: quantile(simMs, 0.5)!,
    differingBytes: differing,
  }
}

function timed(
  core: Core,
  pixels: Uint16Array,
  { settings, words }: PhysicsConditions,
  frame: number,
): { milliseconds: number; packet: Uint8Array } {
  for (const [register, value] of [...settingsRegisters(settings), ...frameRegisters(frame, 0)])
    core.write(register, value)
  const start = performance.now()
  const packet = core.frame(pixels, words)
  return { milliseconds: performance.now() - start, packet }
}

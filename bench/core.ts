import { join } from 'node:path'
import type { Core } from '../sim/board/emulated-board.ts'
import { ModelCore } from '../sim/board/model-core.ts'
import { VerilogCore } from '../sim/board/verilog-core.ts'
import { Detector, geometries, matchedPopulation } from '../sim/detector/index.ts'
import { frameRegisters, settingsRegisters } from '../src/board/settings-registers.ts'
import { packageRoot } from '../src/core/package-root.ts'
import { pedestalConditions } from '../src/daq/conditions.ts'
import type { Configuration } from '../src/device/frame-loader.ts'
import type { Frame } from '../src/frame/frame.ts'
import { PedestalBuilder } from '../src/frame/pedestal-builder.ts'
import { loadRecoilClassifier } from '../src/network/recoil-classifier.ts'
import { nativeCyclesPerSecond } from './native-verilator.ts'

export interface CoreBenchmark {
  /** Pixels of a 2304x2304 frame per second through the emulated FPGA, one thread, best of twelve. */
  readonly model: { readonly pixelsPerSecond: number; readonly timesCamera: number }
  /** Clocks per second of the simulated Verilog at one pixel per clock, driven from JavaScript, best of eight. */
  readonly sim: { readonly cyclesPerSecond: number; readonly differingBytes: number }
  /** The same Verilog and stimulus in native Verilator (-O3, one thread), or why not. */
  readonly verilator: {
    readonly cyclesPerSecond: number | null
    readonly ratio: number | null
    readonly detail: string
  }
}

/** Frames of which the fastest counts: the first ones run before the compiler has warmed up. */
const modelFrames = 12
const simulatedFrames = 8

/** ORCA-Fusion, ultra-quiet scan: 2304 x 2304 pixels in 184.4 ms. */
const cameraPixelsPerSecond = (2304 * 2304) / 0.1844

/** Speed of the datapath on a LIME frame with a handful of recoils, tile trigger on. */
export async function benchCore(): Promise<CoreBenchmark> {
  const detector = new Detector(geometries.lime, {}, 1)
  const builder = new PedestalBuilder(2304, 2304)
  const dark = Array.from({ length: 8 }, (_, i) => detector.pedestalFrame(i))
  for (const frame of dark) builder.add(frame)
  const frame = detector.frame(0, undefined, matchedPopulation({ meanDeposits: 6 }))
  const configuration = pedestalConditions(builder.finish(), dark.slice(0, 2), '').forFrame(frame)

  const model = new ModelCore((await loadRecoilClassifier()).classify)
  const sim = await VerilogCore.load(join(packageRoot, 'hdl'))
  const modelRuns = measure(model, frame, configuration, modelFrames)
  const before = sim.cycles
  const simRuns = measure(sim, frame, configuration, simulatedFrames)
  const cycles = (sim.cycles - before) / simulatedFrames
  const pixelsPerSecond = frame.pixels.length / modelRuns.seconds
  const cyclesPerSecond = cycles / simRuns.seconds
  const native = await nativeCyclesPerSecond(frame, configuration)
  return {
    model: { pixelsPerSecond, timesCamera: pixelsPerSecond / cameraPixelsPerSecond },
    sim: { cyclesPerSecond, differingBytes: differing(modelRuns.packet, simRuns.packet) },
    verilator: {
      cyclesPerSecond: native.cyclesPerSecond,
      ratio: native.cyclesPerSecond === null ? null : cyclesPerSecond / native.cyclesPerSecond,
      detail: native.detail,
    },
  }
}

function measure(
  core: Core,
  frame: Frame,
  { settings, pedestal }: Configuration,
  runs: number,
): { seconds: number; packet: Uint8Array } {
  const writes = [...settingsRegisters(settings), ...frameRegisters(0, 0)]
  for (const [register, value] of writes) core.write(register, value)
  let seconds = Number.POSITIVE_INFINITY
  let packet = new Uint8Array(0)
  for (let i = 0; i < runs; i++) {
    const start = performance.now()
    packet = core.frame(frame.pixels, pedestal) as Uint8Array<ArrayBuffer>
    seconds = Math.min(seconds, (performance.now() - start) / 1000)
  }
  return { seconds, packet }
}

function differing(a: Uint8Array, b: Uint8Array): number {
  let count = Math.abs(a.length - b.length)
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) count++
  return count
}

import { Detector, type DetectorGeometry, geometries, type Population } from '../../sim/detector/index.ts'
import { type ConditionOptions, pedestalConditions } from '../daq/conditions.ts'
import { calibrationFrames } from '../daq/pedestal-run.ts'
import type { FrameSource } from '../daq/source.ts'
import type { Frame } from '../frame/frame.ts'
import type { Pedestal } from '../frame/pedestal.ts'
import { PedestalBuilder } from '../frame/pedestal-builder.ts'
import { Progress } from './progress.ts'

export type GeometryName = keyof typeof geometries

/** Frames without light that make the pedestal. */
const pedestalFrames = 32
/** Numbers of the frames without light that no calibration has seen. */
const firstEmptyFrame = 1_000_000

export interface SyntheticSource extends FrameSource {
  readonly geometry: DetectorGeometry
  readonly pedestal: Pedestal
  /** Frames without light that calibrated the thresholds; not in the pedestal. */
  readonly dark: readonly Frame[]
  /** Frame `i` without light; not used for the calibration. */
  empty(i: number): Frame
}

/** A simulated detector with a pedestal run, as a source of `frames` frames with truth. */
export function syntheticSource(
  options: ConditionOptions & {
    readonly geometry: GeometryName
    readonly frames: number
    readonly seed: number
    readonly population: Population
  },
): SyntheticSource {
  const geometry = geometries[options.geometry]
  const detector = new Detector(geometry, {}, options.seed)
  const builder = new PedestalBuilder(geometry.width, geometry.height)
  const dark: Frame[] = []
  const progress = new Progress('pedestal', pedestalFrames + calibrationFrames)
  for (let i = 0; i < pedestalFrames + calibrationFrames; i++) {
    const frame = detector.pedestalFrame(i)
    if (i < pedestalFrames) builder.add(frame)
    else dark.push(frame)
    progress.advance()
  }
  progress.finish()
  const pedestal = builder.finish()
  return {
    name: `synthetic ${options.geometry}, seed ${options.seed}`,
    geometry,
    pedestal,
    dark,
    conditions: pedestalConditions(pedestal, dark, `${pedestalFrames} simulated pedestal frames`, options),
    failures: [],
    skipped: [],
    // Mean of the simulated LIME at 5.9 keVee and 25 cm; not corrected for place, saturation or gain.
    light: options.geometry === 'cygno04' ? {} : { aduPerKeVee: 1760 },
    expected: options.frames,
    async *frames(signal) {
      for (let i = 0; i < options.frames; i++) {
        signal?.throwIfAborted()
        yield detector.frame(i, undefined, options.population)
        // Lets Ctrl-C through.
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    empty: (i) => detector.pedestalFrame(firstEmptyFrame + i),
  }
}

/**
 * Underground running enriched in recoils, so that a short run has something to show: nuclear and electron
 * recoils with the same keVee spectrum, and a few alphas and muons.
 */
export function demonstrationPopulation(recoils: Population, background: Population): Population {
  const isBackground = (particle: string): boolean => particle === 'alpha' || particle === 'muon'
  return {
    meanDeposits: recoils.meanDeposits,
    margin: recoils.margin,
    parts: [
      ...recoils.parts.map((part) => ({ ...part, weight: 0.92 * part.weight })),
      ...background.parts
        .filter((part) => isBackground(part.particle))
        .map((part) => ({ ...part, weight: 0.04 })),
    ],
  }
}

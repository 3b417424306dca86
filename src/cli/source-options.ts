import { type Command, Option } from 'commander'
import { defaultPopulation, matchedPopulation } from '../../sim/detector/index.ts'
import { GemgateError } from '../core/errors.ts'
import type { ConditionOptions } from '../daq/conditions.ts'
import { type FrameSource, fileSource } from '../daq/source.ts'
import type { Configuration } from '../device/frame-loader.ts'
import {
  binningOption,
  defaultSigma,
  geometryOption,
  integer,
  jsonOption,
  modelOption,
  pedestalOption,
  photoelectronOption,
  seedOption,
  sigmaOptions,
  sourceOption,
} from './options.ts'
import { demonstrationPopulation, type GeometryName, syntheticSource } from './synthetic-source.ts'

/** Options of the commands that process frames: where frames come from, and under which conditions. */
export interface SourceOptions {
  readonly source: string
  readonly frames?: number
  readonly seed: number
  readonly geometry: GeometryName
  readonly binning?: 1 | 2 | 4
  readonly pedestal?: string
  readonly sigmaLow?: number
  readonly sigmaHigh?: number
  readonly photoelectron?: number
  readonly model?: string
  readonly json?: boolean
}

/** Frames of a synthetic source when --frames is not given. */
const defaultFrames = 10
/** Mean number of simulated deposits per frame: many times the rate underground, so that there is much to see. */
const meanDeposits = 4

export function addSourceOptions(command: Command): Command {
  command
    .addOption(sourceOption())
    .addOption(new Option('--frames <n>', 'stop after n frames').argParser(integer(1, 1_000_000_000)))
    .addOption(seedOption())
    .addOption(geometryOption())
    .addOption(binningOption())
    .addOption(pedestalOption())
    .addOption(photoelectronOption())
    .addOption(modelOption())
    .addOption(jsonOption())
  for (const option of sigmaOptions()) command.addOption(option)
  return command
}

/**
 * Opens what --source names. Throws GG_USAGE for options that contradict each other.
 * @param limits what the devices leave of the calibration, see device-limits.ts
 */
export async function openSource(
  options: SourceOptions,
  limits: ConditionOptions = {},
): Promise<FrameSource> {
  const { sigmaLow, sigmaHigh, binning, pedestal, photoelectron } = options
  const conditions: ConditionOptions = {
    ...limits,
    ...(sigmaLow === undefined ? {} : { sigmaLow }),
    ...(sigmaHigh === undefined ? {} : { sigmaHigh }),
    ...(binning === undefined ? {} : { binning }),
    ...(photoelectron === undefined ? {} : { photoelectron }),
  }
  checkSigmas(options)
  if (options.source === 'synthetic' && pedestal !== undefined)
    throw new GemgateError(
      'GG_USAGE',
      '--pedestal does not go with a synthetic source',
      'Leave it out: the simulated detector takes its own pedestal run.',
    )
  if (options.source === 'synthetic')
    return syntheticSource({
      ...conditions,
      geometry: options.geometry,
      frames: options.frames ?? defaultFrames,
      seed: options.seed,
      population: demonstrationPopulation(matchedPopulation({ meanDeposits }), defaultPopulation),
    })
  if (options.source === 'nats')
    throw new GemgateError(
      'GG_USAGE',
      '--source nats is not in this version',
      'Use synthetic, a file or a folder; FEATURES.md says what is planned.',
    )
  return fileSource(options.source, { ...conditions, ...(pedestal === undefined ? {} : { pedestal }) })
}

/** A folder may or may not hold a pedestal run: without a word of it the lower default counts. */
function checkSigmas({ source, pedestal, sigmaLow, sigmaHigh }: SourceOptions): void {
  const calibrated = source === 'synthetic' || pedestal !== undefined
  const low = sigmaLow ?? (calibrated ? defaultSigma.low : defaultSigma.lowWithoutPedestal)
  const high = sigmaHigh ?? defaultSigma.high
  if (high >= low) return
  const said = (value: number | undefined): string => (value === undefined ? ' (default)' : '')
  throw new GemgateError(
    'GG_USAGE',
    `--sigma-high ${high}${said(sigmaHigh)} is below --sigma-low ${low}${said(sigmaLow)}`,
    'Give the seed threshold the larger value.',
  )
}

/** The settings of the logic, for the provenance of a report. */
export function describeSettings(
  configuration: Configuration | undefined,
  configurations: number,
): [name: string, value: string][] {
  if (configuration === undefined) return []
  const {
    width,
    height,
    binning,
    thresholdLow,
    thresholdHigh,
    clipLow,
    clipHigh,
    tiles,
    commonMode,
    gains,
    link,
  } = configuration.settings
  return [
    ['geometry', `${width}x${height} pixels, binning ${binning}`],
    [
      'threshold registers',
      `${thresholdLow} and ${thresholdHigh}${configurations > 1 ? ` (last of ${configurations})` : ''}`,
    ],
    ['clip', `-${clipLow / 16} and +${clipHigh / 16} ADU`],
    ['row common mode', commonMode === null ? 'left' : 'removed'],
    ['gains', gains === null ? 'equal' : `${gains.gain.length} regions equalised by their noise`],
    ['link', `macro-pixels up to ${link} apart are one cluster`],
    ['tile trigger', tiles === null ? 'off' : `tiles of ${tiles.size} pixels, margin ${tiles.margin}`],
  ]
}

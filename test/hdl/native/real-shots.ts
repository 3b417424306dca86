import { readFileSync } from 'node:fs'
import { Detector, geometries, matchedPopulation } from '../../../sim/detector/index.ts'
import { Random } from '../../../src/core/random.ts'
import { type Frame, readFrames, spatialPedestal } from '../../../src/frame/index.ts'
import { pedestalWord, pedestalWords } from '../../../src/trigger/pedestal-words.ts'
import { limitedWeights } from '../../../src/trigger/pixel-weights.ts'
import { cellCount, type TriggerSettings, tileCount, weightEntries } from '../../../src/trigger/settings.ts'
import { sharedData } from '../../support/shared-data.ts'
import type { Shot } from '../../support/shots.ts'

const folder = `${sharedData}/`

/** Settings for camera pixels of `sigma` ADU, with tiles that trigger on `deviation` ADU. */
function settings(width: number, height: number, sigma: number, deviation: number): TriggerSettings {
  const size = 192
  const variance = new Uint32Array(tileCount(width, size) * tileCount(height, size))
  // Noise of the filter: sigma per pixel, times 4 from the binning, times 70.
  const noise = Math.round(sigma * 4 * 70)
  // Residuals limited to 8 sigma, at the scale of the contents.
  const { shift } = limitedWeights(sigma)
  const table = Int16Array.from({ length: weightEntries }, (_, entry) =>
    Math.round(Math.min(((entry - 64) * 2 ** shift) | 0, 8 * 16 * sigma)),
  )
  // Regions of 32 x 32 macro-pixels whose gains fall towards the corners.
  const [columnsLog2, rowsLog2] = [5, 5]
  const cells = cellCount(width / 4, columnsLog2)
  const gain = Uint16Array.from(
    { length: cells * cellCount(height / 4, rowsLog2) },
    (_, cell) => 4400 - 20 * (cell % cells),
  )
  return {
    width,
    height,
    binning: 4,
    clipLow: 1600,
    clipHigh: 80000,
    weights: { shift, table },
    commonMode: { content: Math.round(16 * sigma), search: Math.round(16 * sigma) },
    gains: { columnsLog2, rowsLog2, gain },
    thresholdLow: 3 * noise,
    thresholdHigh: 6 * noise,
    link: 2,
    minimumPixels: 2,
    tiles: { size, margin: 30, variance: variance.fill(Math.round(16 * deviation ** 2)) },
  }
}

/** Recoils in a LIME camera, with the true pedestal of that camera. */
export function syntheticShot(): Shot {
  const { width, height } = geometries.lime
  const detector = new Detector(geometries.lime, {}, 11)
  const population = matchedPopulation({ meanDeposits: 25, from: 3, to: 60, margin: 40 })
  const { pixels } = detector.frame(0, undefined, population)
  const { mean, sigma } = detector.camera
  const words = Uint32Array.from(mean, (m, i) => pedestalWord(m, sigma[i]!, sigma[i]! > 12))
  return { settings: settings(width, height, 3.3, 4.5), pixels, words, frame: 5, timeTag: 1.7e15 }
}

/** Published pictures of LEMON frames and of the school's DAQ simulator, with a pedestal from themselves. */
export async function displayFrames(): Promise<Shot[]> {
  const names = [
    'lemon_images/ambe_run02317_ev342_924px.png',
    'lemon_images/fe55_run01843_ev93_924px.png',
    'sosc/cygno_sim_daq_frame_0_576.png',
    'sosc/cygno_sim_daq_frame_1_576.png',
  ]
  const shots: Shot[] = []
  for (const name of names)
    for await (const frame of readFrames(folder + name)) shots.push(display(frame, shots.length))
  return shots
}

function display(frame: Frame, number: number): Shot {
  const width = frame.width & ~3
  const height = frame.height & ~3
  const pedestal = spatialPedestal(frame)
  const pixels = new Uint16Array(width * height)
  for (let y = 0; y < height; y++)
    pixels.set(frame.pixels.subarray(y * frame.width, y * frame.width + width), y * width)
  const sigma = pedestal.sigma.reduce((sum, s) => sum + s, 0) / pedestal.sigma.length
  const words = pedestalWords(pedestal, width, height)
  return { settings: settings(width, height, sigma, 1.5 * sigma), pixels, words, frame: number, timeTag: 1 }
}

/** Real LIME superclusters and alpha tracks, laid over noise of the camera's 3.3 ADU. */
export async function realClusters(): Promise<Shot[]> {
  const lists = [0, 1, 2, 3].map((n) => rows(`lime_real/sclu_${n}.npy`, 3))
  for (const name of ['lime_real/run41525_ev399_cluster0.npy', 'lime_real/run41525_ev399_cluster1.npy']) {
    const { values, columns } = npy(name)
    lists.push([...values].map((adu, i) => [i % columns, Math.floor(i / columns), adu] as const))
  }
  return lists.map(overNoise)
}

type Hit = readonly [x: number, y: number, adu: number]

function overNoise(hits: readonly Hit[], frame: number): Shot {
  const margin = 24
  const x0 = hits.reduce((least, [x]) => Math.min(least, x), Infinity) - margin
  const y0 = hits.reduce((least, [, y]) => Math.min(least, y), Infinity) - margin
  const width = (hits.reduce((most, [x]) => Math.max(most, x), 0) - x0 + margin + 3) & ~3
  const height = (hits.reduce((most, [, y]) => Math.max(most, y), 0) - y0 + margin + 3) & ~3
  const random = new Random(frame)
  const pixels = Uint16Array.from({ length: width * height }, () => Math.round(100 + 3.3 * random.normal()))
  for (const [x, y, adu] of hits) pixels[(y - y0) * width + x - x0]! += Math.round(adu)
  const words = new Uint32Array(width * height).fill(pedestalWord(100, 3.3, false))
  return { settings: settings(width, height, 3.3, 4), pixels, words, frame, timeTag: frame }
}

/** Numbers and columns of a little-endian float npy file in C order. */
function npy(name: string): { values: Float64Array | Float32Array; columns: number } {
  const bytes = readFileSync(folder + name)
  const start = 10 + bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, start)
  const body = new Uint8Array(bytes.subarray(start)).buffer
  const values = header.includes('<f8') ? new Float64Array(body) : new Float32Array(body)
  return { values, columns: Number(/\((\d+), (\d+)\)/.exec(header)![2]) }
}

function rows(name: string, columns: number): Hit[] {
  const { values } = npy(name)
  return Array.from({ length: values.length / columns }, (_, i) => {
    const [x, y, adu] = values.subarray(columns * i)
    return [x!, y!, adu!]
  })
}

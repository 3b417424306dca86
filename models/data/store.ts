import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.ts'
import { checkData, type RecoilData } from '../training/data.ts'
import { type EfficiencyBin, efficiencyEdges, triggerEfficiency } from './efficiency.ts'
import { generateRecoils } from './generate.ts'
import { cropSize } from './macro-crop.ts'
import type { RecoilPlan } from './plan.ts'
import type { RecoilSample } from './sample.ts'

/** What is known of a sample besides its arrays. */
export interface SampleManifest {
  readonly plan: RecoilPlan
  /** SHA-256 of the sources that made it. */
  readonly sources: string
  /** Low and high trigger threshold, ADU of the filter output (gain 256). */
  readonly thresholds: readonly [number, number]
  readonly masked: number
  readonly efficiency: readonly EfficiencyBin[]
}

export interface StoredSample {
  readonly sample: RecoilSample
  readonly manifest: SampleManifest
}

/** The sample of a plan: from `folder` when it holds just that, else simulated and kept there. */
export function loadOrGenerate(
  folder: string,
  plan: RecoilPlan,
  onProgress?: (done: number, all: number) => void,
): StoredSample {
  const sources = sourceHash()
  const path = join(folder, 'manifest.json')
  if (existsSync(path)) {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as SampleManifest
    if (manifest.sources === sources && JSON.stringify(manifest.plan) === JSON.stringify(plan))
      return { sample: readSample(folder), manifest }
  }
  const { sample, attempts, dark } = generateRecoils(plan, onProgress)
  const manifest: SampleManifest = {
    plan,
    sources,
    thresholds: [dark.settings.thresholdLow, dark.settings.thresholdHigh],
    masked: dark.masked,
    efficiency: triggerEfficiency(attempts, efficiencyEdges),
  }
  writeSample(folder, sample, manifest)
  return { sample, manifest }
}

/** Reads labelled clusters: features.i8 (n x 9), labels.u8 and kevee.f32, all little-endian. */
export function readData(folder: string): RecoilData {
  const data = {
    features: new Int8Array(bytes(folder, 'features.i8')),
    labels: new Uint8Array(bytes(folder, 'labels.u8')),
    keVee: new Float32Array(bytes(folder, 'kevee.f32')),
  }
  checkData(data)
  return data
}

/** Reads a whole sample, crops and truth included. */
export function readSample(folder: string): RecoilSample {
  const sample = {
    ...readData(folder),
    particles: new Uint8Array(bytes(folder, 'particles.u8')),
    gains: new Float32Array(bytes(folder, 'gains.f32')),
    z: new Float32Array(bytes(folder, 'z.f32')),
    sums: new Float32Array(bytes(folder, 'sums.f32')),
    crops: new Int16Array(bytes(folder, 'crops.i16')),
  }
  const { length } = sample.labels
  const ends = [sample.particles, sample.gains, sample.z, sample.sums].map((values) => values.length)
  if (ends.some((own) => own !== length) || sample.crops.length !== length * cropSize)
    throw new RangeError(`${folder}: ${length} labels, ${ends} truths, ${sample.crops.length} crop values`)
  return sample
}

function bytes(folder: string, name: string): ArrayBuffer {
  const file = readFileSync(join(folder, name))
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
}

/** The folder appears whole or not at all. */
function writeSample(folder: string, sample: RecoilSample, manifest: SampleManifest): void {
  const draft = `${folder}.${process.pid}.part`
  mkdirSync(draft, { recursive: true })
  const write = (name: string, data: Uint8Array | Int8Array | Int16Array | Float32Array | string): void =>
    writeFileSync(join(draft, name), data)
  write('features.i8', sample.features)
  write('labels.u8', sample.labels)
  write('kevee.f32', sample.keVee)
  write('particles.u8', sample.particles)
  write('gains.f32', sample.gains)
  write('z.f32', sample.z)
  write('sums.f32', sample.sums)
  write('crops.i16', sample.crops)
  write('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`)
  rmSync(folder, { recursive: true, force: true })
  renameSync(draft, folder)
}

/** Folders and files whose text decides what a plan gives. */
const origins = [
  'models/data/band-trigger.ts',
  'models/data/band.ts',
  'models/data/dark-run.ts',
  'models/data/generate.ts',
  'models/data/macro-crop.ts',
  'models/data/sample.ts',
  'sim/detector',
  'src/core/random.ts',
  'src/frame/pedestal-builder.ts',
  'src/frame/robust.ts',
  'src/trigger',
]

/** Files of those folders that no sample depends on: packets, regions and tiles, PMTs and stress. */
const elsewhere = /^(event-packet|region-blocks|regions|tile-|datapath|pmt|stress|index)/

function sourceHash(): string {
  const files = origins.flatMap((origin) => {
    const path = join(packageRoot, origin)
    return origin.endsWith('.ts')
      ? [path]
      : readdirSync(path)
          .filter((name) => !elsewhere.test(name))
          .map((name) => join(path, name))
  })
  const hash = createHash('sha256')
  for (const file of files.sort()) hash.update(readFileSync(file))
  return hash.digest('hex')
}

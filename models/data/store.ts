import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.ts'
import { checkData, type RecoilData } from '../training/data.ts'
import { defaultEnergyEdges } from '../training/train.ts'
import { type EfficiencyBin, triggerEfficiency } from './efficiency.ts'
import { generateRecoils, type RecoilSample } from './generate.ts'
import type { RecoilPlan } from './plan.ts'

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
    efficiency: triggerEfficiency(attempts, defaultEnergyEdges),
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

function readSample(folder: string): RecoilSample {
  return {
    ...readData(folder),
    particles: new Uint8Array(bytes(folder, 'particles.u8')),
    gains: new Float32Array(bytes(folder, 'gains.f32')),
  }
}

function bytes(folder: string, name: string): ArrayBuffer {
  const file = readFileSync(join(folder, name))
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
}

/** The folder appears whole or not at all. */
function writeSample(folder: string, sample: RecoilSample, manifest: SampleManifest): void {
  const draft = `${folder}.${process.pid}.part`
  mkdirSync(draft, { recursive: true })
  const write = (name: string, data: Uint8Array | Int8Array | Float32Array | string): void =>
    writeFileSync(join(draft, name), data)
  write('features.i8', sample.features)
  write('labels.u8', sample.labels)
  write('kevee.f32', sample.keVee)
  write('particles.u8', sample.particles)
  write('gains.f32', sample.gains)
  write('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`)
  rmSync(folder, { recursive: true, force: true })
  renameSync(draft, folder)
}

/** Folders and files whose text decides what a plan gives. */
const origins = [
  'models/data/crop-trigger.ts',
  'models/data/dark-run.ts',
  'models/data/generate.ts',
  'sim/detector',
  'src/core/random.ts',
  'src/frame/pedestal-builder.ts',
  'src/frame/robust.ts',
  ...[
    'calibrate',
    'clustering',
    'datapath',
    'features',
    'log2',
    'matched-filter',
    'pedestal-words',
    'pixel-stage',
  ].map((name) => `src/trigger/${name}.ts`),
]

function sourceHash(): string {
  const files = origins.flatMap((origin) => {
    const path = join(packageRoot, origin)
    return origin.endsWith('.ts') ? [path] : readdirSync(path).map((name) => join(path, name))
  })
  const hash = createHash('sha256')
  for (const file of files.sort()) hash.update(readFileSync(file))
  return hash.digest('hex')
}

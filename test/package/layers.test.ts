import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/core/package-root.ts'

/** What each folder may import besides itself: ARCHITECTURE.md, arrows down only. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'src/core': [],
  'src/frame': ['src/core'],
  'src/trigger': ['src/core', 'src/frame'],
  'src/network': ['src/core', 'src/frame'],
  'src/link': ['src/core'],
  'src/gateware': ['src/core', 'src/network', 'src/trigger', 'src/board', 'src/link'],
  'src/board': ['src/core', 'src/frame', 'src/trigger', 'src/link', 'sim/board'],
  'src/device': ['src/core', 'src/frame', 'src/trigger', 'src/network', 'src/board'],
  'src/compare': ['src/core', 'src/frame', 'src/trigger', 'src/device'],
  'src/daq': ['src/core', 'src/frame', 'src/trigger', 'src/device'],
  'src/explore': ['src/core', 'src/frame', 'src/network', 'src/compare', 'src/toolchain'],
  'src/cli': [
    'src/core',
    'src/frame',
    'src/trigger',
    'src/network',
    'src/link',
    'src/board',
    'src/device',
    'src/compare',
    'src/daq',
    'src/explore',
    'src/toolchain',
  ].concat(['sim/board', 'sim/detector', 'sim/network', 'sim/verilog', 'bench']),
  'src/toolchain': ['src/core', 'src/link', 'src/board'],
  'sim/network': ['src/core', 'src/network', 'sim/verilog'],
  'sim/verilog': ['src/core'],
  'sim/detector': ['src/core', 'src/frame'],
  'sim/board': ['src/core', 'src/link', 'src/board', 'src/trigger', 'src/toolchain', 'sim/verilog'],
}

const files = ['src', 'sim'].flatMap((folder) => sources(folder))
const imports = new Map(files.map((file) => [file, importsOf(file)]))

function sources(folder: string): string[] {
  return readdirSync(join(packageRoot, folder)).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(join(packageRoot, path)).isDirectory()) return sources(path)
    return path.endsWith('.ts') ? [path] : []
  })
}

function importsOf(file: string): { path: string; lazy: boolean }[] {
  const text = readFileSync(join(packageRoot, file), 'utf8')
  return [...text.matchAll(/(?:from|^import|(import)\()\s*'(\.[^']+\.ts)'/gm)].map(([, lazy, path]) => ({
    path: normalize(relative('.', join(dirname(file), path!))),
    lazy: lazy !== undefined,
  }))
}

const layer = (file: string): string =>
  file
    .split('/')
    .slice(0, file.startsWith('bench') ? 1 : 2)
    .join('/')

it('has its arrows pointing down only', () => {
  const wrong = files
    .filter((file) => file !== 'src/index.ts')
    .flatMap((file) =>
      imports
        .get(file)!
        .filter(({ path }) => layer(path) !== layer(file) && !allowed[layer(file)]!.includes(layer(path)))
        .map(({ path }) => `${file} imports ${path}`),
    )
  expect(wrong).toEqual([])
})

it('has no cycles', () => {
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    state.set(file, 'open')
    for (const { path: next, lazy } of imports.get(file) ?? []) if (!lazy) visit(next, [...path, file])
    state.set(file, 'done')
  }
  for (const file of files) visit(file, [])
  expect(cycles).toEqual([])
})

it('lets only the command line know the benchmarks, and nobody what trains', () => {
  const wrong = files.flatMap((file) =>
    imports
      .get(file)!
      .filter(({ path }) => /^models\//.test(path) || (/^bench\b/.test(path) && layer(file) !== 'src/cli'))
      .map(({ path }) => `${file} imports ${path}`),
  )
  expect(wrong).toEqual([])
})

it('packs what the benchmarks take from models, and no training', () => {
  const packed = new Set<string>()
  const pack = (file: string): void => {
    if (packed.has(file)) return
    packed.add(file)
    for (const { path } of importsOf(file)) pack(path)
  }
  for (const file of [...files, ...sources('bench')]) pack(file)
  const models = [...packed].filter((file) => file.startsWith('models/'))
  expect(models).toContain('models/training/score.ts')
  const training = ['explore-study', 'training/train', 'training/train-trees', 'cnn/train']
  expect(training.filter((name) => !existsSync(join(packageRoot, `models/${name}.ts`)))).toEqual([])
  expect(training.filter((name) => packed.has(`models/${name}.ts`))).toEqual([])
})

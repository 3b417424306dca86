import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'
import { findArtefacts, storeArtefacts } from './artefacts.ts'
import { runTool } from './tools.ts'
import type { Model } from './verilate.ts'
import { hooksHeader } from './wrapper.ts'

/** A C++ compiler of this machine, and what it is to do. */
export interface NativeToolchain {
  readonly compiler: string
  /** 0 to 3. */
  readonly optimize: number
  /** Folder of Verilator's own C++ sources. */
  readonly includes: string
  /** Versions of Verilator and the compiler. */
  readonly versions: readonly string[]
  /** Where the compiled runtime library of Verilator is kept; undefined builds it each time. */
  readonly cache: string | undefined
}

/** Generated C++ of this size is worth two runs of the compiler at once, and less effort for the parts that run once. */
const splitBytes = 300_000

/** Compiles a model and its wrapper to a shared library. */
export async function buildLibrary(
  model: Omit<Model, 'elaborated'>,
  wrapper: string,
  toolchain: NativeToolchain,
  folder: string,
): Promise<Uint8Array> {
  for (const [name, text] of model.files) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'hooks.h'), hooksHeader)
  writeFileSync(join(folder, 'wrapper.cpp'), wrapper)
  const unit = (name: string, sources: readonly string[], optimize: number) => {
    writeFileSync(join(folder, `${name}.cpp`), sources.map((source) => `#include "${source}"\n`).join(''))
    return compile(toolchain, folder, join(folder, `${name}.cpp`), `${name}.o`, optimize)
  }
  const fast = [...model.fast, 'wrapper.cpp']
  const size = [...model.files.values()].reduce((sum, { length }) => sum + length, 0)
  const units =
    size < splitBytes
      ? [unit('unit', [...fast, ...model.slow], toolchain.optimize)]
      : [unit('fast', fast, toolchain.optimize), unit('slow', model.slow, 0)]
  const objects = await Promise.all([...units, ...(await runtimeObjects(model.runtime, toolchain, folder))])
  await cxx(toolchain, folder, ['-shared', '-o', 'library.so', ...objects, '-lpthread'])
  return readFileSync(join(folder, 'library.so'))
}

/** The compiled parts of Verilator's runtime library, the same for all models. */
async function runtimeObjects(
  parts: readonly string[],
  toolchain: NativeToolchain,
  folder: string,
): Promise<Promise<string>[]> {
  const { cache, versions, includes } = toolchain
  return parts.map(async (part) => {
    const key = createHash('sha256')
      .update(JSON.stringify([part, versions, includes, hooksHeader, compileFlags]))
      .digest('hex')
    const known = cache === undefined ? undefined : findArtefacts(cache, `${key}.runtime`)
    if (known !== undefined) return join(known, 'runtime.o')
    const object = await compile(toolchain, folder, join(includes, `${part}.cpp`), `${part}.runtime.o`, 2)
    if (cache === undefined) return object
    const bytes = readFileSync(join(folder, object))
    return join(storeArtefacts(cache, `${key}.runtime`, { 'runtime.o': bytes }), 'runtime.o')
  })
}

const compileFlags = [
  ...['-std=gnu++17', '-fPIC', '-fvisibility=hidden', '-w', '-include', 'hooks.h'],
  ...['-DVM_COVERAGE=0', '-DVM_SC=0', '-DVM_TRACE=0', '-DVM_TRACE_FST=0', '-DVM_TRACE_VCD=0'],
]

async function compile(
  toolchain: NativeToolchain,
  folder: string,
  source: string,
  object: string,
  optimize: number,
): Promise<string> {
  const { includes } = toolchain
  const include = [`-I${folder}`, `-I${includes}`, `-I${join(includes, 'vltstd')}`]
  await cxx(toolchain, folder, [...compileFlags, ...include, `-O${optimize}`, '-c', source, '-o', object])
  return object
}

async function cxx({ compiler }: NativeToolchain, folder: string, args: readonly string[]): Promise<void> {
  const { status, output } = await runTool(compiler, args, folder)
  if (status === 0) return
  const error =
    /^.*\b(?:error:|undefined reference|cannot find|cannot open)(?! ld returned).*$/m.exec(output)?.[0] ??
    output.trim()
  throw new GemgateError(
    'GG_VERILATOR',
    `${compiler} cannot compile the model: ${error}`,
    'Check that the C++ compiler works and goes with the installed Verilator.',
  )
}

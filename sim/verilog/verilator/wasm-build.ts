import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'
import type { FileTree } from '../compiler/yosys.ts'
import { findArtefacts, storeArtefacts } from './artefacts.ts'
import type { Model } from './verilate.ts'
import { hooksHeader } from './wrapper.ts'

/** The version of @yowasp/clang that was tried; part of every key. */
export const clangVersion = '22.0.0-git20542-10'

export interface WasmToolchain {
  /** 0 to 3. */
  readonly optimize: number
  /** Folder of Verilator's own C++ sources. */
  readonly includes: string
  readonly versions: readonly string[]
  /** Where the compiled runtime library of Verilator is kept; undefined builds it each time. */
  readonly cache: string | undefined
}

const memoryBytes = 2 ** 28

const compileFlags = [
  ...['-std=gnu++17', '-fno-exceptions', '-w', '-include', 'hooks.h', '-I.', '-Iinclude', '-Iinclude/vltstd'],
  ...['-DVM_COVERAGE=0', '-DVM_SC=0', '-DVM_TRACE=0', '-DVM_TRACE_FST=0', '-DVM_TRACE_VCD=0'],
  ...['-DVL_IGNORE_UNKNOWN_ARCH', '-D_WASI_EMULATED_SIGNAL', '-D_WASI_EMULATED_PROCESS_CLOCKS'],
  '-D_WASI_EMULATED_GETPID',
]

const linkFlags = [
  '-mexec-model=reactor',
  ...['-lwasi-emulated-signal', '-lwasi-emulated-process-clocks', '-lwasi-emulated-getpid'],
  // memory that never grows stays one and the same array
  ...[`-Wl,--initial-memory=${memoryBytes}`, `-Wl,--max-memory=${memoryBytes}`, '-Wl,-z,stack-size=4194304'],
]

/** Compiles a model and its wrapper to WebAssembly, in this process; takes seconds and blocks it. */
export async function buildWasm(
  model: Omit<Model, 'elaborated'>,
  wrapper: string,
  toolchain: WasmToolchain,
): Promise<Uint8Array> {
  const clang = await loadClang()
  const { includes, optimize } = toolchain
  const headers: FileTree = { 'hooks.h': hooksHeader, include: includeTree(includes) }
  const unit = [...model.fast, 'wrapper.cpp', ...model.slow].map((name) => `#include "${name}"\n`).join('')
  const tree = {
    ...headers,
    ...Object.fromEntries(model.files),
    'wrapper.cpp': wrapper,
    'unit.cpp': unit,
  }
  const objects: FileTree = { 'unit.o': await compile(clang, tree, 'unit.cpp', optimize) }
  for (const part of model.runtime)
    objects[`${part}.o`] = await runtimeObject(clang, headers, part, toolchain)
  const linked = await clang([...linkFlags, ...Object.keys(objects), '-o', 'model.wasm'], objects)
  return linked['model.wasm'] as Uint8Array
}

async function runtimeObject(
  clang: Clang,
  headers: FileTree,
  part: string,
  { cache, versions, includes }: WasmToolchain,
): Promise<Uint8Array> {
  const key = createHash('sha256')
    .update(JSON.stringify([part, clangVersion, versions, includes, hooksHeader, compileFlags]))
    .digest('hex')
  const known = cache === undefined ? undefined : findArtefacts(cache, `${key}.runtime`)
  if (known !== undefined) return readFileSync(join(known, 'runtime.o'))
  const object = await compile(clang, headers, `include/${part}.cpp`, 2)
  if (cache !== undefined) storeArtefacts(cache, `${key}.runtime`, { 'runtime.o': object })
  return object
}

type Clang = (args: string[], files: FileTree) => Promise<FileTree>

async function compile(clang: Clang, files: FileTree, source: string, optimize: number): Promise<Uint8Array> {
  const made = await clang([...compileFlags, `-O${optimize}`, '-c', source, '-o', 'object.o'], files)
  return made['object.o'] as Uint8Array
}

/** The compiler; its messages become an error. */
async function loadClang(): Promise<Clang> {
  const { commands } = await import('@yowasp/clang').catch((cause: unknown) => {
    throw new GemgateError(
      'GG_TOOL_MISSING',
      "the engine 'verilator-wasm' needs the package @yowasp/clang, which cannot be loaded",
      `Run npm install @yowasp/clang@${clangVersion}.`,
      { cause },
    )
  })
  // the first call loads the compiler, and would tell of it on standard error
  await commands['wasm-ld'](['--version'], {}, { stdout: null, stderr: null, fetchProgress() {} })
  return async (args, files) => {
    const log: string[] = []
    const decoder = new TextDecoder()
    const collect = (bytes: Uint8Array | null) => {
      if (bytes) log.push(decoder.decode(bytes))
    }
    try {
      const options = { stdout: collect, stderr: collect, decodeASCII: false, fetchProgress() {} }
      const made = await commands['clang++'](args, files, options)
      if (made) return made as FileTree
    } catch {
      // the rejection carries all files: it must not be kept as the cause
    }
    const text = log.join('')
    throw new GemgateError(
      'GG_VERILATOR',
      `clang cannot compile the model: ${/^.*\berror:.*$/m.exec(text)?.[0] ?? text.trim()}`,
      'Try the engine `verilator`, with the C++ compiler of this machine.',
    )
  }
}

function includeTree(folder: string): FileTree {
  const tree: FileTree = {}
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) tree[entry.name] = includeTree(join(folder, entry.name))
    else if (/\.(h|cpp)$/.test(entry.name)) tree[entry.name] = readFileSync(join(folder, entry.name), 'utf8')
  return tree
}

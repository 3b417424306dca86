import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { coreFiles, root } from '../../support/hdl-files.ts'
import type { Shot } from '../../support/shots.ts'
import { type Pauses, stimulus } from './stimulus.ts'

/** A tool of the independent check: there, absent (then tests skip and say so), or absent but demanded. */
export interface Tool {
  readonly installed: boolean
  readonly skip: boolean
  /** For the title of what is skipped. */
  readonly note: string
}

function tool(name: string, versionOption: string, demand: string): Tool {
  const installed = spawnSync(name, [versionOption]).status === 0
  const skip = !installed && process.env[demand] !== '1'
  return {
    installed,
    skip,
    note: installed ? '' : ` (SKIPPED: ${name} is not installed; ${demand}=1 makes this fail)`,
  }
}

/** CI sets GEMGATE_REQUIRE_VERILATOR=1: there the tests run and fail where Verilator is missing. */
export const verilator = tool('verilator', '--version', 'GEMGATE_REQUIRE_VERILATOR')
export const icarus = tool('iverilog', '-V', 'GEMGATE_REQUIRE_ICARUS')

const harness = `${root}test/hdl/native/core.cpp`

/** Builds core.cpp with the committed Verilog, once per version of either, and gives the program's path. */
export function buildCore(): string {
  const version = execFileSync('verilator', ['--version'])
  const hash = createHash('sha256').update(version)
  for (const file of [...coreFiles, harness]) hash.update(file).update(readFileSync(file))
  const user = process.getuid?.() ?? 0
  const home = join(tmpdir(), `gemgate-native-${user}`)
  const folder = join(home, hash.digest('hex').slice(0, 24))
  const program = join(folder, 'core')
  if (existsSync(program)) return program
  mkdirSync(home, { recursive: true, mode: 0o700 })
  // Built aside and renamed, so that two test processes never see half a program.
  const aside = mkdtempSync(join(home, 'build-'))
  const flags = [
    '--cc',
    '--exe',
    '--build',
    '-O3',
    '-j',
    '1',
    '--top-module',
    'gemgate_core',
    '--Mdir',
    aside,
  ]
  execFileSync('verilator', [...flags, '-CFLAGS', '-O1', '-o', 'core', ...coreFiles, harness], {
    stdio: 'pipe',
  })
  try {
    renameSync(aside, folder)
  } catch {
    rmSync(aside, { recursive: true, force: true })
  }
  return program
}

/** The bytes that native Verilator gives for these frames, one packet after the other. */
export function runNative(program: string, shots: readonly Shot[], pauses?: Pauses): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-native-run-'))
  try {
    const files = [join(folder, 'stimulus'), join(folder, 'response')] as const
    writeFileSync(files[0], stimulus(shots, pauses))
    execFileSync(program, files, { stdio: 'pipe' })
    return new Uint8Array(readFileSync(files[1]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Cuts a response where the expected packets end; what is left over comes as one more packet. */
export function cutPackets(response: Uint8Array, expected: readonly Uint8Array[]): Uint8Array[] {
  const packets: Uint8Array[] = []
  let at = 0
  for (const { length } of expected) {
    packets.push(response.subarray(at, at + length))
    at += length
  }
  if (at < response.length) packets.push(response.subarray(at))
  return packets
}

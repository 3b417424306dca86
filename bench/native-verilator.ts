import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { coreSources } from '../sim/board/core-sources.ts'
import { packageRoot } from '../src/core/package-root.ts'
import type { Configuration } from '../src/device/frame-loader.ts'
import type { Frame } from '../src/frame/frame.ts'
import { stimulus } from '../test/hdl/native/stimulus.ts'

/** Clocks per second of native Verilator on one frame; null with the reason where it is not installed. */
export async function nativeCyclesPerSecond(
  frame: Frame,
  { settings, pedestal }: Configuration,
): Promise<{ cyclesPerSecond: number | null; detail: string }> {
  const version = spawnSync('verilator', ['--version'], { encoding: 'utf8' })
  if (version.error !== undefined) return { cyclesPerSecond: null, detail: 'verilator is not installed' }
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-bench-'))
  try {
    const sources = coreSources(join(packageRoot, 'hdl'))
    const harness = join(packageRoot, 'test/hdl/native/core.cpp')
    execFileSync(
      'verilator',
      [
        '--cc',
        '--exe',
        '--build',
        '-O3',
        '-CFLAGS',
        '-O3',
        '--Mdir',
        folder,
        '--top-module',
        'gemgate_core',
      ].concat(['-Wno-fatal', '-o', 'core', ...sources, harness]),
      { stdio: 'ignore' },
    )
    const file = join(folder, 'stimulus')
    const shot = { settings, pixels: frame.pixels, words: pedestal, frame: 0, timeTag: 0 }
    writeFileSync(file, stimulus([shot]))
    let best = 0
    for (let i = 0; i < 5; i++) {
      const run = spawnSync(join(folder, 'core'), [file, join(folder, 'response')], { encoding: 'utf8' })
      best = Math.max(best, Number(run.stdout) / Number(run.stderr))
    }
    return { cyclesPerSecond: best, detail: version.stdout.trim() }
  } catch (error) {
    return {
      cyclesPerSecond: null,
      detail: error instanceof Error ? error.message.split('\n')[0]! : String(error),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Pty } from '../../sim/board/pty.ts'
import { packageRoot } from '../../src/core/package-root.ts'

const openFiles = (): number => readdirSync('/proc/self/fd').length

describe('Pty', () => {
  it('leaves no file open, however it is closed', async () => {
    await (await Pty.open())[Symbol.asyncDispose]()
    const before = openFiles()
    for (let n = 0; n < 20; n++) {
      const line = await Pty.open()
      // More than the kernel takes while nobody reads.
      const writing = line.write(new Uint8Array(100_000)).catch(() => {})
      if (n % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
      await Promise.all([line[Symbol.asyncDispose](), line[Symbol.asyncDispose](), writing])
    }
    expect(openFiles()).toBe(before)
  })

  it('says why there is none when files run out, and closes what it had', () => {
    const script = `
      import { closeSync, openSync } from 'node:fs'
      import { Pty } from './sim/board/pty.ts'
      await (await Pty.open())[Symbol.asyncDispose]()
      const held = []
      for (;;) try { held.push(openSync('/dev/null', 'r')) } catch { break }
      closeSync(held.pop())
      const answers = []
      for (let n = 0; n < 2; n++) answers.push(await Pty.open().catch((error) => error.code))
      for (const fd of held) closeSync(fd)
      await (await Pty.open())[Symbol.asyncDispose]()
      process.stdout.write(answers.join(' '))`
    const tsx = join(packageRoot, 'node_modules', '.bin', 'tsx')
    const command = 'ulimit -n 60; exec "$0" --input-type=module -e "$1"'
    const found = spawnSync('sh', ['-c', command, tsx, script], { cwd: packageRoot, encoding: 'utf8' })
    expect([found.stdout, found.stderr]).toEqual(['GG_BOARD_UNAVAILABLE GG_BOARD_UNAVAILABLE', ''])
  })
})

import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exploreCommand } from '../../src/cli/explore.ts'
import { packageRoot } from '../../src/core/package-root.ts'
import type { Exploration } from '../../src/explore/exploration.ts'
import { compiled } from '../support/compiled.ts'
import { gemgate, gemgateFromSources, start } from '../support/gemgate.ts'

const toy = ['explore', '--study', compiled('test/explore/toy-study.ts'), '--threads', '1']

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-explore-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('gemgate explore', () => {
  it('ends with 2 and a code for wrong usage, and leaves nothing behind', async () => {
    const wrong = [
      ['--hidden', '8,0'],
      ['--bits', '8'],
      ['--forests', '4'],
      ['--hardware', 'folded'],
      ['--family', 'vax'],
      ['--budget', '0'],
    ]
    for (const args of wrong) {
      const command = exploreCommand()
        .exitOverride()
        .configureOutput({ outputError: () => {} })
      await expect(command.parseAsync(args, { from: 'user' })).rejects.toThrow(
        expect.objectContaining({
          code: 'commander.invalidArgument',
          message: expect.stringContaining(args[0]!),
        }),
      )
    }
    const { code, stderr } = await gemgate(folder, ...toy, '--points', 'cnn')
    expect([code, stderr]).toEqual([2, expect.stringContaining('GG_USAGE')])
    expect(existsSync(join(folder, 'explore'))).toBe(false)
  })

  it('says what to do where nothing can be trained or read', async () => {
    const study = join(packageRoot, 'test/explore/no-study.ts')
    const [missing, data] = await Promise.all([
      gemgate(folder, 'explore', '--study', study, '--json'),
      gemgateFromSources(folder, 'explore', '--data', 'nowhere', '--json'),
    ])
    expect([missing.code, JSON.parse(missing.stdout).error.code]).toEqual([1, 'GG_DEVICE_UNAVAILABLE'])
    expect([data.code, JSON.parse(data.stdout).error.code]).toEqual([1, 'GG_FILE_NOT_FOUND'])
    expect(existsSync(join(folder, 'explore'))).toBe(false)
  })

  it('synthesizes, writes its files, and prints one document', async () => {
    const args = ['--points', 'mlp', '--hidden', '1', '--bits', '2:2', '--hardware', 'unrolled:2']
    const { code, stdout, stderr } = await gemgate(folder, ...toy, ...args, '--family', 'ice40', '--json')
    expect([code, stderr]).toEqual([0, expect.stringContaining('synthesize')])
    const exploration = JSON.parse(stdout) as Exploration
    expect(exploration).toMatchObject({ synthesized: 1, frontSize: 1, family: 'ice40', trigger: [] })
    expect(exploration.points[0]!.synthesis!.luts).toBeGreaterThan(0)
    const read = (name: string): string => readFileSync(join(folder, 'explore', name), 'utf8')
    expect(JSON.parse(read('explore.json'))).toEqual(exploration)
    expect(read('explore.md')).toMatch(/\| mlp 1 w2 a2, unrolled 2 \(shipped: toy-model\)/)
    expect(read('pareto.svg')).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    expect(read('explore.html')).toContain('<!doctype html>')
    expect(existsSync(join(folder, 'explore/front/mlp-1-w2-a2-unrolled-2.onnx'))).toBe(true)
  })

  it('goes on where it was interrupted', async () => {
    const args = [...toy, '--points', 'trigger', '--out', 'later']
    const { child, finished } = start(folder, [...args])
    const interrupt = setInterval(() => {
      if (!existsSync(join(folder, 'later/points'))) return
      child.kill('SIGINT')
      clearInterval(interrupt)
    }, 20)
    const stopped = await finished
    expect([stopped.code, stopped.stdout]).toEqual([1, ''])
    expect(stopped.stderr).toContain('the same command goes on')
    expect(existsSync(join(folder, 'later/explore.json'))).toBe(false)
    const { code, stdout } = await gemgate(folder, ...args)
    expect(code).toBe(0)
    expect(stdout).toContain('GG_SETTINGS: too many macro-pixels')
    expect(stdout).toMatch(/4x4, 6.5 sigma, pixels by likelihood +\| 0.130 ± 0.010/)
  })
})

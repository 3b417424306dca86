import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  encodeNpy,
  encodePng16,
  type FrameFailure,
  type FrameSkip,
  readFrames,
  writeHdf5,
} from '../../src/frame/index.ts'
import { gzip, midasRun, noiseFrame, outcome, scratch } from './make.ts'

const path = scratch()
const frame = noiseFrame(8, 8)

function folder(name: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  mkdirSync(path(name))
  for (const [file, data] of Object.entries(files)) writeFileSync(path(`${name}/${file}`), data)
  return path(name)
}

describe('a folder of frames', () => {
  it('is read by name with numbers by value, numbered through, and goes on after failures', async () => {
    const dir = folder('mixed', {
      'pic_10.npy': encodeNpy(frame),
      'pic_2.png': encodePng16(frame),
      'pic_1.npy': encodeNpy(frame).subarray(0, 200),
      'run.mid.gz': gzip(midasRun([frame, frame])).subarray(0, -9),
      'wrong.h5': 'not hdf5 at all',
      'z.mid': midasRun([frame]),
      '.hidden.npy': encodeNpy(frame),
      'truth.jsonl': '{}',
      'maps.npz': 'PK\x03\x04',
      'old.tif': 'II*\0',
      'empty.npy': '',
    })
    mkdirSync(`${dir}/folder.npy`)
    symlinkSync(`${dir}/nowhere`, `${dir}/broken.npy`)
    execFileSync('mkfifo', [`${dir}/pipe.npy`])
    await writeHdf5(`${dir}/a.h5`, [frame, { ...frame, number: 5 }], { run: 1 })
    const failures: FrameFailure[] = []
    const skips: FrameSkip[] = []
    const { frames, error } = await outcome(dir, {
      onFailure: (failure) => failures.push(failure),
      onSkip: (skip) => skips.push(skip),
    })
    expect(error).toBeUndefined()
    const names = frames.map((f) => f.source.slice(dir.length + 1))
    expect(names.slice(0, 4)).toEqual(['a.h5#pic_run1_ev1', 'a.h5#pic_run1_ev5', 'pic_2.png', 'pic_10.npy'])
    expect(names.at(-1)).toBe('z.mid#event0/CAM0')
    expect(frames.map((f) => f.number)).toEqual(frames.map((_, i) => i))
    expect(failures.map((f) => [f.file.slice(dir.length + 1), f.code])).toEqual([
      ['broken.npy', 'GG_FILE_NOT_FOUND'],
      ['empty.npy', 'GG_FILE_TRUNCATED'],
      ['pic_1.npy', 'GG_FILE_TRUNCATED'],
      ['pipe.npy', 'GG_FILE_FORMAT'],
      ['run.mid.gz', 'GG_FILE_TRUNCATED'],
      ['wrong.h5', 'GG_FILE_CORRUPT'],
    ])
    expect(failures[2]).toMatchObject({ offset: 200, remedy: expect.stringMatching(/\w/) })
    expect(skips.map((s) => s.file.slice(dir.length + 1))).toEqual([
      '.hidden.npy',
      'folder.npy',
      'maps.npz',
      'old.tif',
      'truth.jsonl',
    ])
    expect(skips[3]!.reason).toMatch(/TIFF/)
  })

  it('warns when nobody listens for failures', async () => {
    const dir = folder('silent', { 'a.npy': encodeNpy(frame), 'b.npy': 'nonsense' })
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    expect((await outcome(dir)).frames).toHaveLength(1)
    expect(await warned).toMatchObject({ name: 'GemgateWarning', code: 'GG_FILE_CORRUPT' })
  })

  it('refuses what is not there, unknown, or without frames', async () => {
    expect((await outcome(path('nothing'))).error).toMatchObject({
      code: 'GG_FILE_NOT_FOUND',
      file: path('nothing'),
    })
    expect((await outcome(folder('none', { 'readme.txt': 'hello' }))).error).toMatchObject({
      code: 'GG_FILE_FORMAT',
    })
    expect((await outcome(path('none/readme.txt'))).error).toMatchObject({ code: 'GG_FILE_FORMAT' })
    expect((await outcome(`${folder('npz', { 'p.npz': 'PK\x03\x04' })}/p.npz`)).error?.message).toMatch(/zip/)
  })

  it('ends on an abort signal, and closes its file when the reader stops early', async () => {
    const dir = folder(
      'many',
      Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}.npy`, encodeNpy(frame)])),
    )
    const stop = new AbortController()
    const seen: number[] = []
    const reading = (async () => {
      for await (const { number } of readFrames(dir, { signal: stop.signal })) {
        seen.push(number)
        if (number === 2) stop.abort(new Error('enough'))
      }
    })()
    await expect(reading).rejects.toThrow('enough')
    expect(seen).toEqual([0, 1, 2])
    writeFileSync(path('long.mid.gz'), gzip(midasRun([frame, frame, frame])))
    for await (const { number } of readFrames(path('long.mid.gz'))) if (number === 1) break
  })
})

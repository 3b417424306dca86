import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCalibration } from '../../src/cli/network-calibration.ts'
import { parseInputGrid, readModelFile } from '../../src/cli/network-options.ts'
import { prepareFolder } from '../../src/cli/output-folder.ts'
import { packageRoot } from '../../src/core/package-root.ts'
import { encodeNpyArray } from '../../src/frame/npy-array.ts'
import { type OnnxModel, onnxTypes } from '../../src/network/onnx/onnx-model.ts'
import { writeOnnx } from '../../src/network/onnx/onnx-write.ts'
import { gemgate } from '../support/gemgate.ts'

const classifier = join(packageRoot, 'models/recoil-mlp.onnx')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-network-'))
})
afterAll(() => rm(folder, { recursive: true }))

function saved(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** y = W x with four inputs and two outputs, in float32. */
const floatModel: OnnxModel = {
  irVersion: 8,
  producer: '',
  opsets: new Map([['', 13]]),
  metadata: new Map(),
  graph: {
    name: 'float',
    nodes: [
      { name: 'fc', operator: 'MatMul', domain: '', inputs: ['x', 'w'], outputs: ['y'], attributes: [] },
    ],
    initializers: [
      {
        name: 'w',
        type: onnxTypes.float,
        dims: [4, 2],
        values: [0.5, -1.3, 0.7, 0.2, -0.9, 1.1, 0.3, 0.6],
      },
    ],
    inputs: [{ name: 'x', type: onnxTypes.float, dims: ['N', 4] }],
    outputs: [{ name: 'y', type: onnxTypes.float, dims: ['N', 2] }],
  },
}

describe('gemgate network', () => {
  it('ends with 2, a code and a remedy for wrong usage', async () => {
    for (const args of [
      ['network', 'foo'],
      ['network', 'compile'],
      ['network', 'compile', classifier, '--name', 'always'],
      ['network', 'compile', classifier, '--name', '1st layer'],
      ['network', 'compile', classifier, '--reload-for', classifier],
      ['network', 'check', classifier, '--input', 'uint8:1:300'],
      ['bench', 'core', '--luts'],
    ]) {
      const { code, stderr } = await gemgate(folder, ...args)
      expect([args, code]).toEqual([args, 2])
      expect(stderr).toContain('GG_USAGE')
      expect(stderr).toMatch(/--help lists|Give|Use|zero point of/)
    }
  }, 30_000)

  it('compiles into a new folder, and says which layers got another architecture', async () => {
    const out = join(folder, 'deep', 'build')
    const made = await gemgate(folder, 'network', 'compile', classifier, '--out', out, '--effort', '0')
    expect([made.stderr, made.code]).toEqual([expect.any(String), 0])
    expect(made.stdout).toContain('one tensor in 1 clock\n')
    expect(readdirSync(out)).toContain('network.json')
    expect(JSON.parse(readFileSync(join(out, 'network.json'), 'utf8')).class).toBe('A')
    const asked = ['--architecture', 'streaming', '--effort', '0']
    const streamed = await gemgate(folder, 'network', 'compile', classifier, ...asked)
    expect(streamed.stdout).toMatch(/^not every layer can be streaming: layer0.dense is unrolled/m)
  }, 30_000)

  it('refuses an unusable --out before the search', async () => {
    const file = saved('taken', 'text')
    const { code, stderr } = await gemgate(folder, 'network', 'compile', classifier, '--out', file)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^GG_OUTPUT/)])
  })
})

describe('the folder for the results', () => {
  it('is made with everything above it, and taken back while empty', async () => {
    const takeBack = await prepareFolder(join(folder, 'a', 'b'))
    expect(readdirSync(join(folder, 'a'))).toEqual(['b'])
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual([])
    await takeBack()
    expect(existsSync(join(folder, 'a'))).toBe(false)
    const again = await prepareFolder(join(folder, 'c'))
    saved('c/kept', '')
    await again()
    expect(existsSync(join(folder, 'c', 'kept'))).toBe(true)
  })

  it.skipIf(!existsSync('/proc/self'))('ends where folders cannot be made', async () => {
    for (const path of ['/proc/gemgate/deep', '/proc/gemgate'])
      await expect(prepareFolder(path)).rejects.toMatchObject({ code: 'GG_OUTPUT', file: path })
  })
})

describe('--input', () => {
  it('reads bits, scale and zero point', () => {
    expect(parseInputGrid('int16')).toEqual({ bits: 16, signed: true, scale: 1 })
    expect(parseInputGrid('uint8:2^-7:128')).toEqual({
      bits: 8,
      signed: false,
      scale: 2 ** -7,
      zeroPoint: 128,
    })
    expect(parseInputGrid('int8:0.5:-128')).toMatchObject({ zeroPoint: -128 })
  })

  it('refuses a zero point outside the type', () => {
    for (const text of ['uint8:1:256', 'uint8:1:-1', 'int8:1:128', 'int8:1:-129', 'int0', 'int8:0'])
      expect(() => parseInputGrid(text), text).toThrow(/from|above|Write/)
  })
})

describe('a network file', () => {
  it('that is none is named, with what it is', async () => {
    await expect(readModelFile(folder)).rejects.toMatchObject({
      code: 'GG_FILE_NOT_FOUND',
      file: folder,
      message: 'the network is a folder',
    })
    const text = saved('text.onnx', 'hello, this is no network at all')
    await expect(readModelFile(text)).rejects.toMatchObject({
      code: 'GG_MODEL_FORMAT',
      file: text,
      message: expect.stringMatching(/^is no ONNX file/),
      remedy: expect.stringMatching(/^Give an ONNX file/),
    })
    const empty = saved('empty.onnx', '')
    await expect(readModelFile(empty)).rejects.toMatchObject({ code: 'GG_FILE_TRUNCATED', file: empty })
  })
})

describe('calibration data', () => {
  const fails = async (path: string, code: string, message: RegExp): Promise<void> =>
    expect(readCalibration(path, floatModel)).rejects.toMatchObject({
      code,
      file: path,
      message: expect.stringMatching(message),
    })

  it('that cannot be used is named, with what it is', async () => {
    await fails(folder, 'GG_FILE_NOT_FOUND', /is a folder/)
    await fails(saved('empty.npy', ''), 'GG_FILE_TRUNCATED', /is empty/)
    await fails(saved('text.npy', 'no array'), 'GG_FILE_FORMAT', /is no \.npy file/)
    const wide = saved('wide.npy', encodeNpyArray([2, 7], new Float64Array(14)))
    await fails(wide, 'GG_FILE_SHAPE', /^is \[2, 7\]; the network wants \[samples, 4\]$/)
    const none = saved('none.npy', encodeNpyArray([0, 4], []))
    await fails(none, 'GG_FILE_SHAPE', /no samples/)
    const numbers = Array.from({ length: 12 }, (_, i) => (i === 9 ? Number.NaN : i))
    await fails(saved('nan.npy', encodeNpyArray([3, 4], numbers)), 'GG_FILE_CORRUPT', /^sample 2 .*NaN/)
  })

  it('of equal samples is warned about, in JSON too', async () => {
    const calibration = saved('constant.npy', encodeNpyArray([3, 4], new Float64Array(12).fill(1)))
    const args = ['--calibration', calibration, '--out', join(folder, 'q.onnx')]
    const model = saved('float.onnx', writeOnnx(floatModel))
    const { code, stdout } = await gemgate(folder, 'network', 'quantize', model, ...args, '--json')
    expect(code).toBe(0)
    const { warnings, values } = JSON.parse(stdout)
    expect(warnings).toEqual([expect.stringContaining('the same')])
    expect(values[0].signalToNoise).toBeNull()
    const people = await gemgate(folder, 'network', 'quantize', model, ...args)
    expect(people.stdout).toMatch(/^warning: /)
    expect(people.stdout).not.toMatch(/Infinity|NaN/)
  }, 30_000)
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runYosys } from '@yowasp/yosys'
import { describe, expect, it } from 'vitest'
import {
  buildDenseModel,
  type DenseSpec,
  emitClassifier,
  emitWeights,
  type IntegerNetwork,
  importDense,
  mlpLatency,
  type NetworkVector,
  readOnnx,
} from '../../../src/network/index.ts'
import { randomInputs, randomSpec, recoilSpec } from '../../network/random-network.ts'
import { engineSource, icarusInstalled, runIcarus, verilatorInstalled } from './icarus.ts'
import { expectedWords, hex } from './vectors.ts'

const skipped = (what: string, there: boolean): string =>
  there ? '' : ` (SKIPPED: ${what} is not installed)`

const shippedNetwork = (): IntegerNetwork =>
  importDense(readOnnx(readFileSync(new URL('../../../models/recoil-mlp.onnx', import.meta.url))))

const committedFiles = (): Record<string, string> =>
  Object.fromEntries(
    ['mlp.sv', 'recoil_weights.sv', 'recoil_mlp.sv'].map((name) => [
      name,
      readFileSync(new URL(`../../../hdl/network/${name}`, import.meta.url), 'utf8'),
    ]),
  )

const sourcesOf = (network: IntegerNetwork): Record<string, string> => ({
  'mlp.sv': engineSource(),
  'recoil_weights.sv': emitWeights(network),
  'recoil_mlp.sv': emitClassifier(network),
})

/** Runs `rows` vectors through the Verilog: equal to `evaluate`, at the documented latency. */
function check(spec: DenseSpec, rows: number, stall: number): void {
  const network = importDense(buildDenseModel(spec))
  checkFiles(network, sourcesOf(network), randomInputs(spec, rows, 3), rows, stall)
}

function checkFiles(
  network: IntegerNetwork,
  files: Readonly<Record<string, string>>,
  x: NetworkVector,
  rows: number,
  stall: number,
): void {
  const [inputs, outputs] = expectedWords(network, x, rows)
  const bits = [network.inputs * network.input.bits, network.outputs * network.output.bits] as const
  const vectors = inputs.map((word) => hex(word, bits[0]))
  const result = runIcarus(files, 'recoil_mlp', bits, vectors, stall)
  expect(result.outputs).toEqual(outputs.map((word) => hex(word, bits[1])))
  expect(new Set(result.latencies)).toEqual(new Set([mlpLatency(network)]))
}

describe.skipIf(!icarusInstalled)(`mlp.sv in Icarus Verilog${skipped('iverilog', icarusInstalled)}`, () => {
  it('equals evaluate() on 400 vectors of 9-10-7-3, at the documented latency', () => {
    check(recoilSpec(1), 400, 0)
  })

  it('equals evaluate() as committed, for the shipped classifier', () => {
    checkFiles(shippedNetwork(), committedFiles(), randomInputs(recoilSpec(1), 300, 8), 300, 32)
  })

  it('equals evaluate() under back-pressure, without gaps or changes while stalled', () => {
    check(recoilSpec(2), 300, 128)
    check(recoilSpec(3), 100, 250)
  })

  it('equals evaluate() for 25 networks of random sizes, types and shifts', () => {
    const specs = Array.from({ length: 25 }, (_, seed) => randomSpec(seed))
    const shifts = specs.flatMap((spec) =>
      importDense(buildDenseModel(spec)).layers.map((layer) => layer.shift),
    )
    expect(Math.min(...shifts)).toBeLessThan(0)
    expect(shifts).toContain(0)
    for (const spec of specs) check(spec, 40, 64)
  })
})

describe.skipIf(!verilatorInstalled)(`mlp.sv in Verilator${skipped('verilator', verilatorInstalled)}`, () => {
  it('passes lint with all warnings, also at odd sizes', () => {
    for (const spec of [recoilSpec(1), ...[0, 1, 2, 3, 4, 5].map(randomSpec)]) {
      const folder = mkdtempSync(join(tmpdir(), 'gemgate-lint-'))
      try {
        const files = sourcesOf(importDense(buildDenseModel(spec)))
        for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
        const options = ['--lint-only', '-Wall', '--top-module', 'recoil_mlp', ...Object.keys(files)]
        execFileSync('verilator', options, { cwd: folder, stdio: 'pipe' })
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
  })
})

describe('the committed firmware in Yosys', () => {
  it('is read, has one driver per signal and no latches or loops', async () => {
    const files = committedFiles()
    const names = Object.keys(files).join(' ')
    const script = `read_verilog -sv ${names}; hierarchy -check -top recoil_mlp; proc; opt_clean; check -assert; select -assert-none t:$dlatch t:$adff`
    await runYosys(['-q', '-p', script], files, { stdout: null, stderr: null })
  })
})

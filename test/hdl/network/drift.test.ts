import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { emitClassifier, emitWeights, importDense, readOnnx } from '../../../src/network/index.ts'

const root = new URL('../../../', import.meta.url)
const text = (name: string): string => readFileSync(new URL(name, root), 'utf8')

describe('committed firmware of the recoil classifier', () => {
  const network = importDense(readOnnx(readFileSync(new URL('models/recoil-mlp.onnx', root))))

  it.each([
    ['hdl/network/recoil_weights.sv', emitWeights(network)],
    ['hdl/network/recoil_mlp.sv', emitClassifier(network)],
  ])('%s is what models/recoil-mlp.onnx gives (else run models/train-recoil-mlp.ts)', (name, expected) => {
    expect(text(name)).toBe(expected)
  })

  it('has the 9 int8 features and 3 int16 scores of the datapath', () => {
    expect([network.inputs, network.input.bits, network.input.signed]).toEqual([9, 8, true])
    expect([network.outputs, network.output.bits, network.output.signed]).toEqual([3, 16, true])
  })
})

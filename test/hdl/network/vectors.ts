import { evaluate, type IntegerNetwork, makeScores, type NetworkVector } from '../../../src/network/index.ts'

/** `count` integers of `bits` from `offset` on, as a stream word: element 0 in the lowest bits. */
export function packVector(x: NetworkVector, offset: number, count: number, bits: number): bigint {
  let word = 0n
  for (let i = count - 1; i >= 0; i--)
    word = (word << BigInt(bits)) | BigInt.asUintN(bits, BigInt(x[offset + i]!))
  return word
}

/** A stream word as hexadecimal digits, leading zeros included. */
export function hex(word: bigint, bits: number): string {
  return word.toString(16).padStart(Math.ceil(bits / 4), '0')
}

/** The input and output words that `evaluate` gives for `rows` vectors. */
export function expectedWords(network: IntegerNetwork, x: NetworkVector, rows: number): [bigint[], bigint[]] {
  const inputs: bigint[] = []
  const outputs: bigint[] = []
  const scores = makeScores(network)
  for (let r = 0; r < rows; r++) {
    inputs.push(packVector(x, r * network.inputs, network.inputs, network.input.bits))
    evaluate(network, x, scores, r * network.inputs)
    outputs.push(packVector(scores, 0, network.outputs, network.output.bits))
  }
  return [inputs, outputs]
}

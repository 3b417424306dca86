import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { writeOnnx } from '../../../src/network/onnx/onnx-write.ts'

/** Runs a model of float32 rows `x` in ONNX Runtime without optimisation; every output as numbers or text. */
export async function runOrt(
  model: OnnxModel,
  rows: readonly (readonly number[])[],
  type: 'float32' | 'float64' = 'float32',
): Promise<Map<string, (number | string)[]>> {
  const session = await InferenceSession.create(writeOnnx(model), {
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  })
  try {
    const data = type === 'float32' ? Float32Array.from(rows.flat()) : Float64Array.from(rows.flat())
    const result = await session.run({
      x: new Tensor(type, data as Float32Array, [rows.length, rows[0]!.length]),
    })
    return new Map(
      Object.entries(result).map(([name, tensor]) => [
        name,
        Array.from(tensor.data as Iterable<number | bigint | string>, (v) =>
          typeof v === 'bigint' ? Number(v) : v,
        ),
      ]),
    )
  } finally {
    await session.release()
  }
}

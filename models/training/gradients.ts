import * as tf from '@tensorflow/tfjs-core'

// The Node build of tfjs-core 4.22 holds no gradients (they are ES modules that Node cannot import), so
// the two steps of this network bring their own.

/**
 * `x w + b`, then ReLU where wanted.
 * @param x `[rows][inputs]` @param w `[inputs][outputs]` @param b `[outputs]`
 */
export function dense(x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor1D, relu: boolean): tf.Tensor2D {
  const apply = tf.customGrad((...parts) => {
    const [inputs, weights, bias, save] = parts as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.GradSaveFunc]
    const sum = tf.add(tf.matMul(inputs, weights), bias)
    const value = relu ? tf.relu(sum) : sum
    save([inputs, weights, value])
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedInputs, savedWeights, output] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
      const d = (relu ? tf.mul(dy, tf.step(output)) : dy) as tf.Tensor2D
      return [tf.matMul(d, savedWeights, false, true), tf.matMul(savedInputs, d, true, false), tf.sum(d, 0)]
    }
    return { value, gradFunc }
  })
  return apply(x, w, b) as tf.Tensor2D
}

/**
 * Softmax cross entropy, each row with its weight, summed and divided by the number of rows.
 * @param scores `[rows][classes]`
 */
export function crossEntropy(scores: tf.Tensor2D, labels: Uint8Array, weights: Float32Array): tf.Scalar {
  const apply = tf.customGrad((input) => {
    const [rows, classes] = (input as tf.Tensor2D).shape
    const values = (input as tf.Tensor2D).dataSync() as Float32Array
    const gradient = new Float32Array(values.length)
    let loss = 0
    for (let r = 0; r < rows; r++) {
      const row = values.subarray(r * classes, (r + 1) * classes)
      const largest = row.reduce((most, v) => Math.max(most, v), Number.NEGATIVE_INFINITY)
      const total = row.reduce((sum, v) => sum + Math.exp(v - largest), 0)
      const weight = weights[r]! / rows
      for (let c = 0; c < classes; c++) {
        const probability = Math.exp(row[c]! - largest) / total
        gradient[r * classes + c] = weight * (probability - (c === labels[r] ? 1 : 0))
      }
      loss += weight * (Math.log(total) + largest - row[labels[r]!]!)
    }
    const gradFunc = (dy: tf.Tensor): tf.Tensor => tf.mul(dy, tf.tensor2d(gradient, [rows, classes]))
    return { value: tf.scalar(loss), gradFunc }
  })
  return apply(scores) as tf.Scalar
}

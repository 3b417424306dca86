/**
 * What the sums of two quantized operands can be: for each integer `factorA * a + factorB * b` the lowest and
 * highest result of the file's own addition, in ascending order of the integer.
 */
export interface PairSums {
  readonly integers: Float64Array
  readonly lowest: Float64Array
  readonly highest: Float64Array
}

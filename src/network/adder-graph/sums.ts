/** One summand: a value (inputs first, then shared sums in order) times an integer factor, never 0. */
export interface Term {
  readonly value: number
  readonly factor: number
}

/**
 * A matrix product as sums of signed digits: the shared sums may use inputs and earlier shared sums, the outputs
 * everything. Its adders: each sum takes one fewer than it has digits. The order inside a sum is still free.
 */
export interface SharedSums {
  readonly inputs: number
  readonly shared: readonly (readonly Term[])[]
  readonly outputs: readonly (readonly Term[])[]
}

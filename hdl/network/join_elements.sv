// join_elements: the sum or the larger of two elements.
//
// Combinational, no latency. BITS bits; the sum must fit them.
`default_nettype none
module join_elements #(
    parameter int BITS = 8,
    parameter bit IS_SIGNED = 1'b1,
    parameter bit IS_SUM = 1'b0
) (
    input  wire [BITS-1:0] a,
    input  wire [BITS-1:0] b,
    output wire [BITS-1:0] y
);
  if (IS_SUM) begin : g_sum
    assign y = a + b;
  end else begin : g_max
    wire larger;
    if (IS_SIGNED) begin : g_signed
      assign larger = $signed(b) > $signed(a);
    end else begin : g_unsigned
      assign larger = b > a;
    end
    assign y = larger ? b : a;
  end
endmodule
`default_nettype wire

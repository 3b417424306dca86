// range_check: LOW <= x < HIGH for an x that is always below END; comparisons that cannot fail cost nothing.
//
// Combinational, no latency. BITS bits, LOW and HIGH may lie outside 0 ... END.
`default_nettype none
module range_check #(
    parameter int BITS = 8,
    parameter int LOW = 0,
    parameter int HIGH = 1,
    parameter int END = 1
) (
    input  wire [BITS-1:0] x,
    output wire            hit
);
  wire above, below;
  if (LOW <= 0) begin : g_no_low
    assign above = 1'b1;
  end else if (LOW >= END) begin : g_never
    assign above = 1'b0;
  end else begin : g_low
    assign above = x >= BITS'(LOW);
  end
  if (HIGH >= END) begin : g_no_high
    assign below = 1'b1;
  end else if (HIGH <= 0) begin : g_nothing
    assign below = 1'b0;
  end else begin : g_high
    assign below = x < BITS'(HIGH);
  end
  wire unused = &{1'b0, x};
  assign hit = above & below;
endmodule
`default_nettype wire

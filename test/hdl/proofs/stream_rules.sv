// stream_rules: the AXI4-Stream handshake rules of one stream, asserted of its source or assumed about it.
//
// valid stays until ready, the payload does not change meanwhile, and nothing is offered after a clock edge with rst.
// `drop`: what is offered may be taken back.
`default_nettype none
module stream_rules #(
    parameter int WIDTH = 8,
    parameter bit ASSUMED = 1'b0
) (
    input wire             clk,
    input wire             rst,
    input wire             drop,
    input wire             valid,
    input wire             ready,
    input wire [WIDTH-1:0] payload
);
  logic waiting = 1'b0;
  logic was_reset = 1'b0;
  logic [WIDTH-1:0] offered = '0;
  always_ff @(posedge clk) begin
    waiting   <= valid & ~ready & ~rst & ~drop;
    was_reset <= rst;
    offered   <= payload;
  end

  if (ASSUMED) begin : g_assumed
    always_comb begin
      if (waiting) assume (valid);
      if (waiting) assume (payload == offered);
      if (was_reset) assume (!valid);
    end
  end else begin : g_asserted
    always_comb begin
      if (waiting) valid_stays : assert (valid);
      if (waiting) payload_stays : assert (payload == offered);
      if (was_reset) quiet_after_reset : assert (!valid);
    end
  end
endmodule
`default_nettype wire

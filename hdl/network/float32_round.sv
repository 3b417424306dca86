// float32_round: an integer to 24 significant bits, half to even: magnitude is about rounded * 2^shift.
//
// Combinational, no latency. `rounded` is at most 2^24; shift is 0 for magnitudes below 2^24.
`default_nettype none
module float32_round #(
    parameter int WIDTH = 49  // 26 ... 100
) (
    input  wire  [WIDTH-1:0] magnitude,
    output wire  [24:0]      rounded,
    output logic [6:0]       shift
);
  always_comb begin
    shift = 7'd0;
    for (int k = 24; k < WIDTH; k++) if (magnitude[k]) shift = 7'(k - 23);
  end
  // The bits shifted out, first of them highest.
  wire [2*WIDTH-25:0] moved = {magnitude, {(WIDTH - 24) {1'b0}}} >> shift;
  wire [23:0] kept = moved[WIDTH-1:WIDTH-24];
  wire half = moved[WIDTH-25];
  wire below = moved[WIDTH-26:0] != '0;
  wire unused = &{1'b0, moved};
  wire up = half & (below | kept[0]);
  assign rounded = 25'(kept) + 25'(up);
endmodule
`default_nettype wire

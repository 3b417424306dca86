// serial_mlp: a network 64 -> 32 -> 16 -> 2 of 8-bit integers, four multipliers that take turns, weights in ROM.
`default_nettype none
module serial_mlp (
  input  wire        clk, rst,
  input  wire        in_valid,
  input  wire  [7:0] in_x,           // int8
  input  wire        start,          // begin collecting 64 samples (ignored when busy)
  output reg         out_valid,
  output reg  [23:0] out0, out1,
  output wire        busy
);
  reg [31:0] rom [0:1023];
  initial
    for (int i = 0; i < 1024; i++) rom[i] = 32'(i * 32'd2654435761) ^ 32'(i * 32'd40503);
  reg [7:0] act [0:127];

  reg [2:0] st;                      // 0 idle 1 collect 2 mac 3 drain 4 write
  reg [1:0] layer;
  reg [6:0] cnt;                     // input index
  reg [2:0] grp;
  reg [9:0] pc;
  reg [1:0] wl;
  reg [1:0] dr;
  assign busy = st != 0;

  wire [6:0] in_base  = layer == 0 ? 7'd0  : layer == 1 ? 7'd64 : 7'd96;
  wire [6:0] out_base = layer == 0 ? 7'd64 : 7'd96;
  wire [6:0] n_in     = layer == 0 ? 7'd64 : layer == 1 ? 7'd32 : 7'd16;
  wire [2:0] last_grp = layer == 0 ? 3'd7  : layer == 1 ? 3'd3  : 3'd0;

  reg  [31:0] w_q; reg [7:0] a_q; reg bias_q, mv_q, first_q;
  reg  signed [23:0] acc0, acc1, acc2, acc3;
  wire signed [7:0] a_eff = bias_q ? 8'sd64 : $signed(a_q);
  wire signed [15:0] p0 = $signed(w_q[7:0])   * a_eff;
  wire signed [15:0] p1 = $signed(w_q[15:8])  * a_eff;
  wire signed [15:0] p2 = $signed(w_q[23:16]) * a_eff;
  wire signed [15:0] p3 = $signed(w_q[31:24]) * a_eff;

  wire signed [23:0] acc_sel = wl == 0 ? acc0 : wl == 1 ? acc1 : wl == 2 ? acc2 : acc3;
  wire signed [23:0] acc_sh  = acc_sel >>> 6;
  wire [7:0] act_out = acc_sel < 0 ? 8'd0 : (acc_sh > 127) ? 8'd127 : acc_sh[7:0];

  wire act_we_in  = (st == 1) & in_valid;
  wire act_we_out = (st == 4) & (layer != 2);
  wire [6:0] act_wa = act_we_in ? cnt : out_base + {2'b0, grp, wl};
  wire [7:0] act_wd = act_we_in ? in_x : act_out;
  wire [6:0] act_ra = in_base + cnt;
  always_ff @(posedge clk) begin
    if (act_we_in | act_we_out) act[act_wa] <= act_wd;
    a_q <= act[act_ra];
  end
  always_ff @(posedge clk) w_q <= rom[pc];

  always_ff @(posedge clk) begin
    out_valid <= 0;
    mv_q <= (st == 2); bias_q <= (cnt == n_in); first_q <= (cnt == 0);
    if (mv_q) begin
      acc0 <= (first_q ? 24'sd0 : acc0) + p0;
      acc1 <= (first_q ? 24'sd0 : acc1) + p1;
      acc2 <= (first_q ? 24'sd0 : acc2) + p2;
      acc3 <= (first_q ? 24'sd0 : acc3) + p3;
    end
    case (st)
      0: if (start) begin st <= 1; cnt <= 0; end
      1: if (in_valid) begin
           if (cnt == 63) begin st <= 2; cnt <= 0; layer <= 0; grp <= 0; pc <= 0; end
           else cnt <= cnt + 7'd1;
         end
      2: begin
           pc <= pc + 10'd1;
           if (cnt == n_in) begin st <= 3; cnt <= 0; dr <= 0; end
           else cnt <= cnt + 7'd1;
         end
      3: begin dr <= dr + 2'd1; if (dr == 1) begin st <= 4; wl <= 0; end end
      4: if (layer == 2) begin
           out0 <= acc0; out1 <= acc1; out_valid <= 1; st <= 0;
         end else begin
           wl <= wl + 2'd1;
           if (wl == 3) begin
             st <= 2; cnt <= 0;
             if (grp == last_grp) begin grp <= 0; layer <= layer + 2'd1; end
             else grp <= grp + 3'd1;
           end
         end
      default: st <= 0;
    endcase
    if (rst) begin st <= 0; out_valid <= 0; cnt <= 0; layer <= 0; grp <= 0; pc <= 0; wl <= 0; dr <= 0; mv_q <= 0; end
  end
endmodule
`default_nettype wire

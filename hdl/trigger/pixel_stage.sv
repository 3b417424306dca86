// pixel_stage: pedestal subtraction, zero suppression and clipping of one pixel per clock.
//
// Twin of residual() in src/trigger/pixel-stage.ts.
//   s_pixel    raw ADU, u16
//   s_pedestal {sigma u12 in 1/16 ADU, mean u20 in 1/16 ADU}; sigma 12'hFFF masks the pixel
//   m_residual s18 in 1/16 ADU, limited to -cfg_clip_low ... +cfg_clip_high; 0 when masked or suppressed
//   m_value    raw ADU limited to 4095 for the tile statistics; a masked pixel shows its pedestal
// Latency 2 clocks while `advance` is high, throughput 1 pixel per clock. The whole pipeline holds while
// `advance` is low.
`default_nettype none
module pixel_stage (
    input  wire               clk,
    input  wire               rst,
    input  wire               advance,
    input  wire               cfg_zero_suppress,
    input  wire        [ 7:0] cfg_nsigma,         // 1/16 sigma
    input  wire        [16:0] cfg_clip_low,       // 1/16 ADU
    input  wire        [16:0] cfg_clip_high,      // 1/16 ADU
    input  wire               s_valid,
    input  wire        [15:0] s_pixel,
    input  wire        [31:0] s_pedestal,
    output logic              m_valid,
    output logic signed [17:0] m_residual,
    output logic              m_clipped,
    output logic       [11:0] m_value
);
  localparam logic [11:0] MASKED = 12'hFFF;

  wire [19:0] mean = s_pedestal[19:0];
  wire [11:0] sigma = s_pedestal[31:20];
  wire        masked = sigma == MASKED;
  wire [15:0] shown = masked ? mean[19:4] : s_pixel;

  logic               d_valid, d_masked;
  logic signed [21:0] d_difference;  // 1/16 ADU
  logic        [19:0] d_limit;       // nsigma * sigma in 1/256 ADU
  logic        [11:0] d_value;

  wire signed [21:0] low = -$signed({5'b0, cfg_clip_low});
  wire signed [21:0] high = $signed({5'b0, cfg_clip_high});
  wire signed [25:0] scaled = {d_difference, 4'b0};  // 1/256 ADU
  wire suppressed = cfg_zero_suppress && scaled <= $signed({6'b0, d_limit});
  wire zero = d_masked | suppressed;
  wire above = d_difference > high;
  wire below = d_difference < low;

  always_ff @(posedge clk)
    if (rst) begin
      d_valid <= 1'b0;
      m_valid <= 1'b0;
    end else if (advance) begin
      d_valid <= s_valid;
      m_valid <= d_valid;
    end

  always_ff @(posedge clk)
    if (advance) begin
      d_masked     <= masked;
      d_difference <= $signed({2'b0, s_pixel, 4'b0}) - $signed({2'b0, mean});
      d_limit      <= cfg_nsigma * sigma;
      d_value      <= (|shown[15:12]) ? 12'hFFF : shown[11:0];
      m_clipped    <= ~zero & above;
      m_value      <= d_value;
      if (zero) m_residual <= 18'sd0;
      else if (above) m_residual <= high[17:0];
      else if (below) m_residual <= low[17:0];
      else m_residual <= d_difference[17:0];
    end
endmodule
`default_nettype wire

"""Misprints and wrong statements: what is printed, what is right, why in three lines, which test.

The papers were read as machine-read text. ħ = v_F = 1, e → 1, e/2h = 1/4π, ℓ = x₀/2^{1/3}.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Misprint:
    """One entry of the list."""

    where: str
    printed: str
    right: str
    derivation: tuple[str, str, str]
    test: str


_TOTAL, _AIRY = "tests/exact/test_total_current.py", "tests/exact/test_airy.py"
_SMOOTH, _OWN = "tests/exact/test_smooth.py", "tests/exact/test_misprints.py"

MISPRINTS: dict[str, Misprint] = {
    "eq1": Misprint(
        "(1), text after (12)",
        "Ω_z = +½Δ/(Δ²+p²)^{3/2}",
        "+ is the valence band's; the conduction band has -½Δ/(Δ²+p²)^{3/2}",
        ("Ω = i∇×⟨u|∇u⟩ of the upper eigenvector of σ·p + Δσ_z is -½ d̂·(∂ₓd̂×∂_yd̂) = -Δ/2E³.",
         "Eq. (1): ṙ_y = -v_B,y = -U'Ω_z (eE = -U', x̂×ẑ = -ŷ).",
         "Eq. (23) has +U'Δ/2E³ for a conduction electron: only Ω_z = -Δ/2E³ agrees."),
        f"{_OWN}::test_conduction_band_has_the_negative_berry_curvature",
    ),
    "eq10": Misprint(
        "(10), (11), (12), (25), (26), and e/2ħ elsewhere",
        "e/2ħ",
        "e/2h, as in (27)",
        ("J^c = -(Δ/2)∫_{p<p_F} d²p/(2π)² 1/(Δ²+p_y²); the angle gives 2π/(Δ√(Δ²+p²)).",
         "J^c = -(1/4π)∫₀^{p_F} p dp/√(Δ²+p²) = -(1/4π)(√(Δ²+p_F²) - Δ).",
         "= (1/4π)(U + Δ - ε_F), and 1/4π is e/2h with ħ = 1; the valence band alike."),
        f"{_TOTAL}::test_lead_contributions_are_the_sum_of_eq_9",
    ),
    "text27": Misprint(
        "text under (27)",
        "J_y = (e/h)(U_L - U_R) quoted as the central value of (12)",
        "(e/2h)(U_L - U_R)",
        ("At U_R - U_L = 2Δ the steps below and above 2Δ are one and the same.",
         "Eq. (27) gives -(e/h)Δ there.",
         "(e/2h)(U_L - U_R) = -(e/h)Δ; the quoted value would be twice that."),
        f"{_TOTAL}::test_both_printed_forms_meet_at_a_step_of_two_delta",
    ),
    "eq13": Misprint(
        "(13), (31)",
        "Ai((x - x_c)/x₀), x₀ = (1/ΔF)^{1/3}",
        "Ai((x - x_c)/ℓ), ℓ = (1/2ΔF)^{1/3} = x₀/2^{1/3}",
        ("φ = Ai((x-x_c)/s) has φ'' = (x-x_c)φ/s³.",
         "-φ''/2m + F(x-x_c)φ = 0 requires s³ = 1/(2mF).",
         "m = Δ: s = (1/2ΔF)^{1/3}; with x₀ every profile is 2^{1/3} = 1.26 too wide."),
        f"{_AIRY}::test_airy_profile_solves_the_schroedinger_equation_only_with_the_corrected_scale",
    ),
    "eq16": Misprint(
        "(16)",
        "δ → d/dr ∫₀^∞ Ai²(ξ² + r/r₀)dξ",
        "δ(r) = 4 d/dr ∫₀^∞ Ai²(ξ² - 2^{1/3}r/r₀)dξ = (2/r₀)Ai(-2r/r₀)",
        ("∫₀^∞Ai²(ξ²+z)dξ = ¼Ai₁(2^{2/3}z): as printed it is -¼(2^{2/3}/r₀)Ai(2^{2/3}r/r₀).",
         "Its integral is -¼, and it oscillates at r < 0, outside of the liquid.",
         "Scale ℓ, r → -r and the factor 4 give (2/r₀)Ai(-2r/r₀), of integral 1."),
        f"{_AIRY}::test_printed_forms_miss_by_the_stated_factor_and_scale",
    ),
    "eq33": Misprint(
        "(32), (33)",
        "x₀ in the argument of Ai² and in the prefactor",
        "ℓ in both; the prefactor is then right (it is so with either length in both places)",
        ("As printed (33) is (F/π)∫₀^∞Ai²(ξ²+x/x₀)dξ = (F/4π)Ai₁(2^{2/3}x/x₀).",
         "The prefactor makes it F/4π for x → -∞ whatever the scale is called.",
         "x₀ → ℓ: (F/4π)Ai₁(2x/x₀), the limit that both engines approach."),
        f"{_AIRY}::test_printed_eq33_deep_in_the_liquid",
    ),
    "eq34": Misprint(
        "(34)",
        "j^ε = +(1/F)∂ₓj_y",
        "j^ε = -(1/F)∂ₓj_y",
        ("In U = Fx - Δ the current depends on x - ε_F/F only.",
         "∂j/∂ε_F = -(1/F)∂j/∂x.",
         "With + the δ-function of (15) would be negative while (14) is positive."),
        f"{_AIRY}::test_spectral_current_is_minus_the_slope_of_the_current_over_F",
    ),
    "fig5": Misprint(
        "Fig. 5 and its text",
        "period of the oscillations ~ 1/|x|^{3/2}; smooth part 1/(4|x|^{3/2}) of the amplitude",
        "period ~ |x|^{-1/2}; 1/(4|x|^{3/2}) holds with ℓ, not x₀, as the unit of x",
        ("-2Ai Ai'(x/ℓ) → (1/π)cos((4/3)|x/ℓ|^{3/2}): local wave number 2|x/ℓ|^{1/2}/ℓ.",
         "⟨Ai²⟩ = 1/(2π√s), s = |x/ℓ|: half its slope is 1/(8πs^{3/2}).",
         "Against the amplitude 1/2π of Ai Ai' that is 1/(4s^{3/2})."),
        f"{_AIRY}::test_tail_of_the_smoothed_state_is_semiclassical",
    ),
    "text14": Misprint(
        "text after (14)",
        "Lensky et al.: j_y = +(e/2h)(xF²/Δ)θ(-x)",
        "-(e/2h)(xF²/Δ)θ(-x), as in (39)",
        ("Berry velocities of the conduction band sum to (F/4π)[1 - Δ/(ε_F-U)].",
         "ε_F - U = Δ - Fx: to first order (F/4π)(-Fx/Δ).",
         "For x < 0 that is positive, of the same sign as (14)."),
        f"{_SMOOTH}::test_eq39_is_the_linear_term_of_the_conduction_bands_transport",
    ),
    "eq36": Misprint(
        "(36)",
        "j₀ = |e|F/2ħ",
        "j₀ = |e|F/2h, as in (37)",
        ("Valence band full: ∫d²p/(2π)² Δ/2(Δ²+p²)^{3/2} = 1/4π.",
         "Times U' = F: F/4π.",
         "1/4π is e/2h with ħ = 1."),
        f"{_SMOOTH}::test_printed_forms_for_a_uniform_field",
    ),
    "text39": Misprint(
        "text before (39)",
        "linear in x at |x - x₀| ≪ x₀",
        "|x + x₀| ≪ x₀",
        ("U = Fx, ε_F = 0: the conduction band is filled where Fx < -Δ.",
         "Its edge is at x = -x₀, x₀ = Δ/F.",
         "(39) itself has θ(-x₀-x), linear about -x₀."),
        f"{_SMOOTH}::test_eq39_is_the_linear_term_of_the_conduction_bands_transport",
    ),
    "fig3": Misprint(
        "text on Fig. 3, after (24)",
        "for an electron in the valence band M(r) is larger where U is higher",
        "for an electron in the conduction band",
        ("M = μψ†ψ = Δ/(2p√(Δ²+p²)) of (65) falls as p grows.",
         "Conduction band: p² = (ε-U)² - Δ², ε > U, falls as U rises, so M rises with U.",
         "Valence band: ε < U, p grows with U, so |M| falls."),
        f"{_OWN}::test_magnetisation_rises_with_the_potential_in_the_conduction_band",
    ),
    "eq44": Misprint(
        "(44)",
        "ρ = m(ε_F-U)/4πħ²",
        "m(ε_F-U)/2πħ²",
        ("∫_{p²/2m<E} d²p/(2πħ)² = π·2mE/(2πħ)² = mE/2πħ².",
         "-(1/2m)∂ₓρ is then +U'/4π = (e/2h)U'.",
         "That is (45); 4π would give half of it."),
        f"{_OWN}::test_density_of_a_parabolic_band",
    ),
    "eq64": Misprint(
        "(64)",
        "μ = (e/2ħ) mv²/(m²v²+p²)",
        "μ = (eħ/2) mv²/(m²v²+p²), its own second form at ħ = 1",
        ("m = -i(e/2ħ)⟨∂_k u|×(H - ε)|∂_k u⟩ with ∂_k = ħ∂_p is eħv²Δ/2(Δ²+v²p²), Δ = mv².",
         "A moment is charge × action/mass: eħ/2m at p = 0; e/2ħ has the wrong dimension.",
         "With e/2 (ħ = 1), -∂ₓ(μ/v_x) is (66), the difference of (62) and (23)."),
        f"{_OWN}::test_magnetic_moment_closes_the_balance_of_currents",
    ),
    "K-sigma0": Misprint(
        "Kozii et al., text before (2)",
        "σ⁽⁰⁾ = (e²/ħ)C with integer C",
        "(e²/h)C",
        ("σ⁽⁰⁾ = -(e²/ħ)∫d²k/(2π)² Ω_xy, and C = -(1/2π)∫d²k Ω_xy is the integer.",
         "So σ⁽⁰⁾ = (e²/ħ)C/2π.",
         "e²/2πħ = e²/h."),
        f"{_OWN}::test_hall_conductivity_is_quantised_in_e2_over_h",
    ),
    "K2": Misprint(
        "Kozii et al., (2)",
        "T_xx in the last term of the bracket",
        "T_xxx",
        ("T of (3) has three indices; q and E are along x.",
         "With T_xxx, (2) is the q² coefficient of the Kubo formula to 1e-11 in tilted models.",
         "Under y → -y σ_AH and v_y are odd: the factor of v_y is even, as T_xxx is."),
        "tests/geometry/test_hall.py::test_eq2_is_the_q2_coefficient_of_kubo",
    ),
}

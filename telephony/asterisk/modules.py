"""The modules of Asterisk that our configuration needs; nothing else is loaded."""

_RESOURCES = """
res_timing_timerfd res_crypto res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject
res_http_websocket res_rtp_asterisk res_srtp res_musiconhold res_speech res_agi res_pjsip res_pjsip_session
res_pjsip_sdp_rtp res_pjsip_caller_id res_pjsip_registrar res_pjsip_authenticator_digest
res_pjsip_endpoint_identifier_user res_pjsip_endpoint_identifier_ip res_pjsip_nat res_pjsip_notify
res_pjsip_rfc3326 res_pjsip_dtmf_info res_pjsip_header_funcs res_pjsip_transport_websocket
res_pjsip_outbound_authenticator_digest res_pjsip_dlg_options res_pjsip_path res_pjsip_sips_contact
res_pjsip_pubsub res_format_attr_opus
"""
_CHANNELS = """
chan_pjsip bridge_simple bridge_native_rtp bridge_holding bridge_softmix bridge_builtin_features codec_ulaw
codec_alaw codec_gsm codec_resample codec_a_mu codec_g722 format_wav format_gsm format_pcm format_sln
format_wav_gsm
"""
_FUNCTIONS = """
func_callerid func_channel func_cut func_export func_global func_hangupcause func_logic func_math func_strings
func_timeout func_uri func_pjsip_endpoint func_pjsip_contact func_pjsip_aor
"""
_APPLICATIONS = """
app_dial app_playback app_echo app_exec app_stack app_verbose app_userevent app_bridgewait app_bridgeaddchan
app_softhangup app_sayunixtime app_originate pbx_config
"""

NEEDED = tuple((_RESOURCES + _CHANNELS + _FUNCTIONS + _APPLICATIONS).split())
OPTIONAL = frozenset({"app_echo", "codec_g722", "res_format_attr_opus", "res_pjsip_sips_contact"})
"""Needed by nobody's call; some builds lack them."""

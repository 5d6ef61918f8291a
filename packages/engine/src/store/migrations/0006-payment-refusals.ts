/** Whether a change failed for its payment. */
export const sql = /* sql */ `
alter table seatbelt.seat_changes
  add column payment boolean not null default false,
  add constraint seat_changes_payment_is_an_end check (status = 'rolled_back' or not payment) not valid;

-- Changes from before this column say it by their codes alone. These are all that were counted as payments then.
update seatbelt.seat_changes
   set payment = true
 where status = 'rolled_back'
   and code in (
        'payment_not_made', 'http_402', 'authentication_required', 'card_decline_rate_limit_exceeded',
        'card_declined', 'card_error', 'charge_exceeds_source_limit', 'invoice_payment_intent_requires_action',
        'payment_intent_action_required', 'payment_intent_authentication_failure',
        'payment_intent_payment_attempt_expired', 'payment_intent_payment_attempt_failed',
        'payment_method_customer_decline', 'payment_method_not_available', 'payment_method_provider_decline',
        'payment_method_provider_timeout', 'subscription_payment_intent_requires_action', 'approve_with_id',
        'authentication_not_handled', 'call_issuer', 'card_not_supported', 'card_velocity_exceeded',
        'currency_not_supported', 'debit_not_authorized', 'do_not_honor', 'do_not_try_again',
        'duplicate_transaction', 'expired_card', 'fraudulent', 'generic_decline', 'highest_risk_level',
        'incorrect_address', 'incorrect_cvc', 'incorrect_number', 'incorrect_pin', 'incorrect_zip',
        'insufficient_funds', 'invalid_account', 'invalid_amount', 'invalid_cvc', 'invalid_expiry_month',
        'invalid_expiry_year', 'invalid_number', 'invalid_pin', 'issuer_not_available', 'lost_card',
        'merchant_blacklist', 'mobile_device_authentication_required', 'new_account_information_available',
        'no_action_taken', 'not_permitted', 'offline_pin_required', 'online_or_offline_pin_required', 'pickup_card',
        'pin_try_exceeded', 'previously_declined_do_not_honor', 'processing_error', 'reenter_transaction',
        'restricted_card', 'revocation_of_all_authorizations', 'revocation_of_authorization', 'security_violation',
        'service_not_allowed', 'stolen_card', 'stop_payment_order', 'test_mode_decline', 'testmode_decline',
        'transaction_not_allowed', 'try_again_later', 'withdrawal_count_limit_exceeded'
   );
`;

//! When an order used a message's code, with the message: what a message counts as is told by its own row. Two books say
//! more than before and are counted anew under other names; what was counted under the old ones goes.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "messages", maybe_big("code_redeemed_at")).await?;
        let used = "SELECT redeemed_at FROM redeem_codes WHERE redeem_codes.shop_id = messages.shop_id \
                    AND redeem_codes.id = messages.redeem_code_id AND redeemed_at IS NOT NULL";
        let known = format!("UPDATE messages SET code_redeemed_at = ({used}) WHERE EXISTS ({used})");
        manager.get_connection().execute_unprepared(&known).await?;
        for table in ["counted_cells", "counted_books"] {
            let old = format!("DELETE FROM {table} WHERE book IN ('messages', 'bought')");
            manager.get_connection().execute_unprepared(&old).await?;
        }
        Ok(())
    }
}
